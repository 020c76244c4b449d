#!/bin/sh
# Finding: a correctly signed webhook is rejected as unsigned if its headers are a fetch Headers object
# Packages: standardwebhooks 1.1.1, svix 1.99.1
# Guess: verify() accepts the headers of a Request as they are, since every newer server provides a Headers object; both
#   packages treat an empty body with a valid signature the same way, since one is built from the other.
# Seen: for a Headers object, both say "Missing required headers", as for a delivery without any. For an empty body,
#   standardwebhooks returns undefined, and svix throws a SyntaxError, as both do for a signed body that is not JSON.
# Hurts: receivers on Deno, Bun, Next.js and workers that take the error for an attack and respond with 401: the sender
#   retries, and finally disables the endpoint.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts standardwebhooks@1.1.1 svix@1.99.1

cat > run.mjs <<'END'
import * as standard from 'standardwebhooks';
import * as svix from 'svix';

const secret = `whsec_${Buffer.from('a'.repeat(24)).toString('base64')}`;
const now = new Date();
for (const [name, { Webhook }] of Object.entries({ standardwebhooks: standard, svix })) {
	const webhook = new Webhook(secret);
	const headersOf = (body) => ({
		'webhook-id': 'msg_1',
		'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
		'webhook-signature': webhook.sign('msg_1', now, body),
	});
	const body = '{"event":"call.ended"}';
	for (const [what, text, headers] of [
		['a plain object of headers', body, headersOf(body)],
		['Headers', body, new Headers(headersOf(body))],
		['an empty body', '', headersOf('')],
		['a body that is a form', 'event=call.ended', headersOf('event=call.ended')],
	]) {
		let outcome;
		try {
			outcome = `accepted, ${JSON.stringify(webhook.verify(text, headers))}`;
		} catch (error) {
			outcome = `${error.name}${error.name.startsWith('Webhook') ? `: ${error.message}` : ''}`;
		}
		console.log(`${name}, ${what}: ${outcome}`);
	}
}
END
cat > expected <<'END'
standardwebhooks, a plain object of headers: accepted, {"event":"call.ended"}
standardwebhooks, Headers: WebhookVerificationError: Missing required headers
standardwebhooks, an empty body: accepted, undefined
standardwebhooks, a body that is a form: SyntaxError
svix, a plain object of headers: accepted, {"event":"call.ended"}
svix, Headers: WebhookVerificationError: Missing required headers
svix, an empty body: SyntaxError
svix, a body that is a form: SyntaxError
END
node run.mjs > seen
cat seen
diff expected seen || { echo 'This is not what was seen before.'; exit 1; }
