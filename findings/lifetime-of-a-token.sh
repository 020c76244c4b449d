#!/bin/sh
# Finding: a token lifetime of 600 means ten minutes, less than a second, a time in 1970, or an error
# Packages: fast-jwt 6.3.6, jose 6.2.18, jsonwebtoken 9.0.3, livekit-server-sdk 2.19.2
# Guess: a number means seconds everywhere, as in the claim exp; text without a unit means that number, or is an error
#   everywhere.
# Seen: a number means milliseconds in fast-jwt, and a point in time in jose. Text means milliseconds in fast-jwt and
#   jsonwebtoken, and is an error in jose. In livekit-server-sdk, a number means seconds, but text is an error, and only
#   when the token is written.
# Hurts: anyone who moves from one package to another, or reads the lifetime from an environment variable, which is text:
#   the service responds with 401, and people suspect the server's clock.
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
