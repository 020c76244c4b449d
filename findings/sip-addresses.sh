#!/bin/sh
# Finding: three parsers of SIP addresses, and each misreads some that are valid
# Packages: drachtio-srf 5.0.29, jssip 3.13.8, sip.js 0.21.2
# Guess: all three read a valid address in the same way, and write it back unchanged, even if it has headers, a scheme in
#   capitals, or the mark of a ported number.
# Seen: drachtio-srf takes headers as part of a host name without a dot, as in container networks, and does not read a
#   scheme in capitals, which RFC 3261 makes equivalent. jssip and sip.js write ";npdi", which marks a ported number in
#   the user part (RFC 4694), as "%3Bnpdi", and do not read tel: addresses.
# Hurts: bridges from WebRTC to the telephone network: they call a host that does not exist, or pay a carrier to look up
#   the number again, because it does not see the mark.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts drachtio-srf@5.0.29 jssip@3.13.8 sip.js@0.21.2

cat > run.mjs <<'END'
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const srf = require('drachtio-srf');
const { URI } = require('jssip');
const { Grammar } = require('sip.js');

const parseUri = srf.parseUri ?? srf.default.parseUri;
for (const address of [
	'sip:agent@pbx?Subject=call',
	'SIP:agent@example.com',
	'sip:+14155550100;npdi@example.com;user=phone',
	'tel:+14155550100',
]) {
	const { host, number, user } = parseUri(address) ?? {};
	const ofSrf = host ?? number ? [user ?? number, host].filter(Boolean).join(' at ') : 'not read';
	console.log(address);
	console.log(`	drachtio-srf: ${ofSrf}`);
	console.log(`	jssip: ${URI.parse(address) ?? 'not read'}`);
	console.log(`	sip.js: ${Grammar.URIParse(address) ?? 'not read'}`);
}
END
cat > expected <<'END'
sip:agent@pbx?Subject=call
	drachtio-srf: agent at pbx?Subject=call
	jssip: sip:agent@pbx?Subject=call
	sip.js: sip:agent@pbx?Subject=call
SIP:agent@example.com
	drachtio-srf: not read
	jssip: sip:agent@example.com
	sip.js: sip:agent@example.com
sip:+14155550100;npdi@example.com;user=phone
	drachtio-srf: +14155550100;npdi at example.com
	jssip: sip:+14155550100%3Bnpdi@example.com;user=phone
	sip.js: sip:+14155550100%3Bnpdi@example.com;user=phone
tel:+14155550100
	drachtio-srf: +14155550100
	jssip: not read
	sip.js: not read
END
node run.mjs > seen
cat seen
diff expected seen || { echo 'This is not what was seen before.'; exit 1; }
