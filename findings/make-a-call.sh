#!/bin/sh
# Finding: how often the phone may ring when "make a call" fails
# Packages: @videosdk.live/server-sdk 0.1.1, livekit-server-sdk 2.19.2, retell-sdk 5.66.1, telnyx 7.24.0,
#   @vapi-ai/server-sdk 2.0.1, @elevenlabs/elevenlabs-js 2.73.0, @jambonz/sdk 0.10.1
# Guess: a POST that rings a phone is sent once, or is retried only with a key by which the server recognizes the retry.
# Seen: by default, four of seven send it three times after 500 and 503, and two of these also after a reset or a
#   timeout, although the first request may have taken effect. None sends a key.
#   @jambonz/sdk has no time limit: it still waits after 20 seconds.
# Hurts: people whose phone rings three times, and anyone who pays for three calls.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @videosdk.live/server-sdk@0.1.1 livekit-server-sdk@2.19.2 \
	retell-sdk@5.66.1 telnyx@7.24.0 @vapi-ai/server-sdk@2.0.1 @elevenlabs/elevenlabs-js@2.73.0 @jambonz/sdk@0.10.1

cat > run.mjs <<'END'
import { createServer } from 'node:http';
import { once } from 'node:events';
import { VideoSDK } from '@videosdk.live/server-sdk';
import { SipClient } from 'livekit-server-sdk';
import { Retell } from 'retell-sdk';
import { Telnyx } from 'telnyx';
import { VapiClient } from '@vapi-ai/server-sdk';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import { JambonzClient } from '@jambonz/sdk';

const to = '+14155550123';
const from = '+14155550100';
/** Each makes one call, with a time limit of a second where that can be set. */
const calls = {
	'@videosdk.live/server-sdk': async (url) =>
		await new VideoSDK({ apiKey: 'key', secret: 'secret'.repeat(6), apiEndpoint: url, timeoutMs: 1_000 }).sip.calls.create({
			callTo: to, callFrom: from, roomId: 'r', routingRuleId: 'rule',
		}),
	'livekit-server-sdk': async (url) =>
		await new SipClient(url, 'key', 'secret'.repeat(6), { requestTimeout: 1 }).createSipParticipant('trunk', to, 'room', { timeout: 1 }),
	'retell-sdk': async (url) =>
		await new Retell({ apiKey: 'key', baseURL: url, timeout: 1_000 }).call.createPhoneCall({ from_number: from, to_number: to }),
	telnyx: async (url) =>
		await new Telnyx({ apiKey: 'key', baseURL: url, timeout: 1_000 }).calls.dial({ connection_id: '1', from, to }),
	'@vapi-ai/server-sdk': async (url) =>
		await new VapiClient({ token: 'key', baseUrl: url, environment: url }).calls.create(
			{ assistantId: 'a', phoneNumberId: 'p', customer: { number: to } },
			{ timeoutInSeconds: 1 },
		),
	'@elevenlabs/elevenlabs-js': async (url) =>
		await new ElevenLabsClient({ apiKey: 'key', baseUrl: url, environment: url }).conversationalAi.twilio.outboundCall(
			{ agentId: 'a', agentPhoneNumberId: 'p', toNumber: to },
			{ timeoutInSeconds: 1 },
		),
	'@jambonz/sdk': async (url) =>
		await new JambonzClient({ baseUrl: url, accountSid: 'a', apiKey: 'key', timeout: 1_000 }).calls.create({
			from, to: { type: 'phone', number: to }, call_hook: 'https://example.com',
		}),
};
const answers = {
	500: (request, response) => response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"broken"}'),
	503: (request, response) => response.writeHead(503, { 'content-type': 'application/json' }).end('{"message":"busy"}'),
	reset: (request) => request.socket.resetAndDestroy(),
	late: () => {},
};
for (const [name, call] of Object.entries(calls)) {
	const row = [];
	let keys = 'no key';
	for (const [kind, answer] of Object.entries(answers)) {
		const sent = [];
		const server = createServer((request, response) => {
			request.resume().on('end', () => {
				if (request.method === 'POST') sent.push(request.headers['idempotency-key']);
				answer(request, response);
			});
		}).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const url = `http://127.0.0.1:${server.address().port}`;
		const patience = kind === 'late' ? 20_000 : 30_000;
		let timer;
		await Promise.race([
			call(url).catch(() => {}),
			new Promise((resolve) => { timer = setTimeout(resolve, patience); }),
		]);
		clearTimeout(timer);
		row.push(`${kind} ${sent.length}`);
		if (sent.length > 1 && sent[0]) keys = new Set(sent).size === 1 ? 'one key' : 'a key each';
		server.closeAllConnections();
		server.close();
	}
	console.log(`${name}: ${row.join(', ')}; ${keys}`);
}
process.exit(0);
END
cat > expected <<'END'
@videosdk.live/server-sdk: 500 1, 503 1, reset 1, late 1; no key
livekit-server-sdk: 500 1, 503 1, reset 1, late 1; no key
retell-sdk: 500 3, 503 3, reset 3, late 3; no key
telnyx: 500 3, 503 3, reset 3, late 3; no key
@vapi-ai/server-sdk: 500 3, 503 3, reset 1, late 1; no key
@elevenlabs/elevenlabs-js: 500 3, 503 3, reset 1, late 1; no key
@jambonz/sdk: 500 1, 503 1, reset 1, late 1; no key
END
node run.mjs > seen
cat seen
diff expected seen || { echo 'This is not what was seen before.'; exit 1; }
