#!/bin/sh
# Finding: removeCircularRefs also removes what is not circular, unlike replaceCircularReferences
# Package: n8n-workflow 2.41.0 (removeCircularRefs, replaceCircularReferences; both available to community nodes)
# Guess: both leave an object without circular references alone, even if it uses one part in two places.
# Seen: removeCircularRefs, which works in place, replaces the second use of a part with { circularReference: true }.
#   replaceCircularReferences keeps both.
# Hurts: nodes that clean a response or an error before they log or return it: of two calls that share one agent, the
#   second loses it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts n8n-workflow@2.41.0

cat > run.mjs <<'END'
import { createRequire } from 'node:module';
const { removeCircularRefs, replaceCircularReferences } = createRequire(import.meta.url)('n8n-workflow');

const agent = { id: 'agent-1' };
const calls = () => ({ first: { to: '+14155550100', agent }, second: { to: '+14155550123', agent } });
console.log('replaceCircularReferences:', JSON.stringify(replaceCircularReferences(calls())));
const inPlace = calls();
removeCircularRefs(inPlace);
console.log('removeCircularRefs:', JSON.stringify(inPlace));
END
cat > expected <<'END'
replaceCircularReferences: {"first":{"to":"+14155550100","agent":{"id":"agent-1"}},"second":{"to":"+14155550123","agent":{"id":"agent-1"}}}
removeCircularRefs: {"first":{"to":"+14155550100","agent":{"id":"agent-1"}},"second":{"to":"+14155550123","agent":{"circularReference":true}}}
END
node run.mjs > seen
cat seen
diff expected seen || { echo 'This is not what was seen before.'; exit 1; }
