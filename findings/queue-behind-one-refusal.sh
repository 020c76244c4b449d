#!/bin/sh
# Finding: one throttled job stops a Bottleneck queue, and one that takes too long lets it exceed its limit
# Package: bottleneck 2.19.5
# Guess: while a failed job waits for its retry, its place is free for others; a job that "expires" keeps its place until
#   it is over, since maxConcurrent limits how many run.
# Seen: the job keeps its place while it waits: with maxConcurrent 1 nothing else runs for the whole Retry-After. A job
#   that expires gives up its place immediately and keeps running: with maxConcurrent 1, three run at the same time.
# Hurts: anyone who uses it for a service that throttles: one of 500 sessions stops a kill switch for all of them; and
#   anyone who sets a time limit to protect a slow service, which then gets more requests the slower it is.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts bottleneck@2.19.5

cat > run.mjs <<'END'
import { setTimeout as sleep } from 'node:timers/promises';
import Bottleneck from 'bottleneck';

const one = new Bottleneck({ maxConcurrent: 1 });
one.on('failed', (error, { retryCount }) => (retryCount === 0 ? 1_000 : undefined));
const order = [];
let times = 0;
const throttled = async () => {
	order.push(`throttled, attempt ${++times}`);
	if (times === 1) throw new Error('HTTP 429, Retry-After: 1');
};
await Promise.all([one.schedule(throttled), one.schedule(async () => order.push('another'))]);
console.log(order.join(' → '));

const limited = new Bottleneck({ maxConcurrent: 1 });
let running = 0;
let most = 0;
const slow = async () => {
	most = Math.max(most, ++running);
	await sleep(2_000);
	running--;
};
await Promise.allSettled([1, 2, 3].map(async () => await limited.schedule({ expiration: 200 }, slow)));
console.log(`maxConcurrent 1 with expiration: ${most} at the same time`);
END
cat > expected <<'END'
throttled, attempt 1 → throttled, attempt 2 → another
maxConcurrent 1 with expiration: 3 at the same time
END
node run.mjs > seen
cat seen
diff expected seen || { echo 'This is not what was seen before.'; exit 1; }
