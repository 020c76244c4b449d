#!/bin/sh
# Finding: "600" makes tokens of ten minutes, of a second, of none, and some that expired in 1970
# Packages: fast-jwt 6.3.6, jose 6.2.18, jsonwebtoken 9.0.3, livekit-server-sdk 2.19.2
# Guess: a number is seconds everywhere, as in the claim exp; text without a unit is that number, or an error everywhere.
# Seen: a number is milliseconds in fast-jwt and the time itself in jose. Text is milliseconds in jsonwebtoken, an error in
#   jose, and one in livekit-server-sdk only when the token is written, while the number is ten minutes there.
# Hurts: who moves from one package to another, or reads the lifetime from an environment variable, which is text: the
#   service answers 401, and the clock of the server is suspected.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts fast-jwt@6.3.6 jose@6.2.18 jsonwebtoken@9.0.3 livekit-server-sdk@2.19.2

cat > run.mjs <<'END'
import { createSigner } from 'fast-jwt';
import { SignJWT } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { AccessToken } from 'livekit-server-sdk';

const key = 'secret'.repeat(8);
const packages = {
	'fast-jwt': (expiresIn) => createSigner({ key, expiresIn })({ apikey: 'key' }),
	jose: async (time) =>
		await new SignJWT({ apikey: 'key' })
			.setProtectedHeader({ alg: 'HS256' })
			.setIssuedAt()
			.setExpirationTime(time)
			.sign(new TextEncoder().encode(key)),
	jsonwebtoken: (expiresIn) => jsonwebtoken.sign({ apikey: 'key' }, key, { expiresIn }),
	'livekit-server-sdk': async (ttl) => {
		const token = new AccessToken('key', key, { identity: 'agent', ttl });
		token.addGrant({ roomJoin: true, room: 'room' });
		return await token.toJwt();
	},
};
for (const [name, sign] of Object.entries(packages)) {
	for (const lifetime of [600, '600']) {
		let outcome;
		try {
			const token = await sign(lifetime);
			const { exp } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
			const left = exp - Date.now() / 1000;
			outcome = left > 500 ? 'ten minutes' : left > -60 ? 'a second or less' : `expired in ${new Date(exp * 1000).getUTCFullYear()}`;
		} catch (error) {
			outcome = `${error.name}: ${error.message}`;
		}
		console.log(`${name}, ${JSON.stringify(lifetime)}: ${outcome}`);
	}
}
END
cat > expected <<'END'
fast-jwt, 600: a second or less
fast-jwt, "600": a second or less
jose, 600: expired in 1970
jose, "600": TypeError: Invalid time period format
jsonwebtoken, 600: ten minutes
jsonwebtoken, "600": a second or less
livekit-server-sdk, 600: ten minutes
livekit-server-sdk, "600": TypeError: Invalid time period format
END
node run.mjs > seen
cat seen
diff expected seen || { echo 'This is not what was seen before.'; exit 1; }
