#!/bin/sh
# Finding: n8n's date validation rejects a Unix time, and reads "12" as today at noon
# Package: n8n-workflow 2.41.0 (validateFieldType; n8n uses it for Edit Fields, forms and the inputs of sub-workflows)
# Guess: a Unix time is the most likely number in a date field, so it is valid, in seconds or in milliseconds; "12" and
#   February 30 are invalid.
# Seen: a Unix time is invalid as a number and as text, in seconds and in milliseconds. "12" is today at 12:00, and
#   "2026-02-30" is March 2. "25:00" is a valid time.
# Hurts: anyone who passes on times from the webhooks of call services, many of which are Unix times, and anyone who
#   relies on the validation to catch a wrong day.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts n8n-workflow@2.41.0

cat > run.mjs <<'END'
import { createRequire } from 'node:module';
const { validateFieldType } = createRequire(import.meta.url)('n8n-workflow');

const values = [
	...[1_760_000_000, '1760000000', 1_760_000_000_000, '1760000000000', '2026-02-30', '12'].map((value) => [value, 'dateTime']),
	['25:00', 'time'],
];
for (const [value, type] of values) {
	const { valid, newValue } = validateFieldType('field', value, type);
	let read = newValue;
	if (valid && type === 'dateTime') {
		const isToday = newValue.hasSame(newValue.constructor.now(), 'day');
		read = `${isToday ? 'today' : newValue.toFormat('yyyy-MM-dd')}, ${newValue.toFormat('HH:mm')}`;
	}
	console.log(`${JSON.stringify(value)} as ${type}: ${valid ? read : 'invalid'}`);
}
END
cat > expected <<'END'
1760000000 as dateTime: invalid
"1760000000" as dateTime: invalid
1760000000000 as dateTime: invalid
"1760000000000" as dateTime: invalid
"2026-02-30" as dateTime: 2026-03-02, 00:00
"12" as dateTime: today, 12:00
"25:00" as time: 25:00
END
node run.mjs > seen
cat seen
diff expected seen || { echo 'This is not what was seen before.'; exit 1; }
