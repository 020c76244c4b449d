import { createHash, createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { ApiError } from './answer';

const permissionsKnown = ['allow_join', 'ask_join', 'allow_mod'];
const rolesKnown = ['crawler', 'rtc'];
const longestLifeSeconds = 10 * 60;

function isListOf(known: readonly string[], value: unknown): value is string[] {
	return Array.isArray(value) && value.every((entry) => known.includes(entry));
}

/** The claims of a token that this secret signed and that has not expired. */
function verified(token: string, secret: string): jwt.JwtPayload | undefined {
	try {
		// From a string, jsonwebtoken first tries to read a public key: 0.6 ms for each request.
		const key = createSecretKey(secret, 'utf8');
		const claims = jwt.verify(token, key, { algorithms: ['HS256'] });
		return typeof claims === 'string' ? undefined : claims;
	} catch {
		return undefined;
	}
}

/** Why these claims open nothing, or undefined when they open the server API. */
function objection(claims: jwt.JwtPayload, apiKey: string): string | undefined {
	const { permissions, version, roles, iat, exp } = claims;
	if (claims.apikey !== apiKey) return 'apikey is not the key of this project';
	if (!isListOf(permissionsKnown, permissions) || !permissions.includes('allow_join')) {
		return 'permissions must be a list with allow_join';
	}
	if (version !== undefined && version !== 2) return 'version must be 2';
	if (roles !== undefined && !(isListOf(rolesKnown, roles) && roles.includes('crawler'))) {
		return 'roles must include crawler';
	}
	if (typeof iat !== 'number' || typeof exp !== 'number') return 'iat and exp must be given';
	// Assumed: VideoSDK takes longer lives. Ours must be short, and iat must not stretch one.
	if (exp - iat > longestLifeSeconds) return 'the token lives longer than 10 minutes';
	if (iat > Date.now() / 1000 + 1) return 'iat is in the future';
	return undefined;
}

/**
 * Checks an `Authorization` header: the bare token, HS256, with the claims of VideoSDK's
 * authentication page.
 * Assumed: a value that the page does not list is refused, as is the `rtc` role alone.
 * Gives a digest of the token, to tell tokens apart without keeping them.
 * @throws ApiError 401, with a message that never holds the token
 */
export function checkToken(header: string | undefined, apiKey: string, secret: string): string {
	if (!header) throw new ApiError(401, 'Token is missing');
	if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(header)) {
		throw new ApiError(401, 'Authorization must be the bare token, with no prefix');
	}
	const claims = verified(header, secret);
	if (!claims) throw new ApiError(401, 'Token is invalid or expired');
	const reason = objection(claims, apiKey);
	if (reason) throw new ApiError(401, `Token is invalid: ${reason}`);
	return createHash('sha256').update(header).digest('base64');
}
