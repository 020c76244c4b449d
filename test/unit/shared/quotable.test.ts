import fc from '../../support/fastCheck';
import { sign } from 'jsonwebtoken';
import { quotable } from '../../../nodes/VideoSdk/shared/quotable';

describe('a quotation', () => {
	const token = sign({ apikey: 'key', permissions: ['allow_join'] }, 'secret');
	const [, payload = '', signature = ''] = token.split('.');

	test.each([
		['that is plain', 'Session not found', 'Session not found'],
		['on several lines', ' <h1>502</h1>\r\n\t<p>Bad\n', '<h1>502</h1> <p>Bad'],
		['with control characters', 'a\u0000b\u001b[31mc', 'a b [31mc'],
		['with invisible characters', 'a\u202eb\u200bc\ufeff', 'abc'],
		['in other scripts', '세션을 찾을 수 없습니다 🚫', '세션을 찾을 수 없습니다 🚫'],
		['of 300 characters', 'x'.repeat(300), 'x'.repeat(300)],
		['of 301 characters', 'x'.repeat(301), `${'x'.repeat(300)}…`],
		['with a token', `Bearer ${token}!`, 'Bearer [token]!'],
		['with a token that is cut off', `${token.slice(0, -20)}`, '[token]'],
		['with a token after other text', `id.${token}`, 'id.[token]'],
		['with a host name', 'See api.videosdk.live.', 'See api.videosdk.live.'],
		['that only begins like a token', 'eyJ.a eyJa. eyJ', 'eyJ.a eyJa. eyJ'],
		['with more after 20,000 characters', `x${' '.repeat(20_000)}y`, 'x'],
	])('text %s is quoted in one clean line', (_name, text, expected) => {
		expect(quotable(text)).toBe(expected);
	});

	test.each<[string, string]>([
		['eyJ', 'eyJ'.repeat(70_000)],
		['eyJ and dots', 'eyJ.'.repeat(50_000)],
		['eyJ, each with a dot before it', '.eyJ'.repeat(50_000)],
		['dots', '.'.repeat(200_000)],
		['spaces', ' '.repeat(200_000)],
		['hyphens', '-'.repeat(200_000)],
		['spaces and eyJ', ' eyJ-'.repeat(40_000)],
	])('quoting a long text takes linear time: %s', (_name, text) => {
		const start = performance.now();
		for (let time = 0; time < 20; time++) quotable(text);
		expect(performance.now() - start).toBeLessThan(500);
	});

	test('a quotation can be cut at another length', () => {
		expect(quotable('x'.repeat(21), 20)).toBe(`${'x'.repeat(20)}…`);
		expect(quotable(`${token} more`, 20)).toBe('[token] more');
	});

	test('a quotation is one short line without a token, wherever the token is', () => {
		const around = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.constantFrom('eyJ', 'eyJ.', '.', '-', '\n', '"', ' '.repeat(19_900), 'x'.repeat(290)),
		);
		fc.assert(
			fc.property(around, around, (before, after) => {
				const text = quotable(before + token + after);
				return (
					!text.includes(payload) &&
					!text.includes(signature) &&
					text.length <= 301 &&
					!/[\p{Cc}\p{Cf}]/u.test(text)
				);
			}),
			{ numRuns: 2_000 },
		);
	});
});
