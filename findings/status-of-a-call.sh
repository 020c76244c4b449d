#!/bin/sh
# Finding: NodeApiError mistakes the status of a call for the HTTP status
# Package: n8n-workflow 2.41.0 (NodeApiError)
# Guess: httpCode is an HTTP status or empty, since it determines the text that n8n shows, and later nodes compare it.
# Seen: any field "status" or "code" in the response counts: httpCode is "completed" for a call that is over, and a
#   service's own code 404 makes n8n say that the resource could not be found.
# Hurts: nodes that pass a response of a call service to NodeApiError: a workflow that branches on httpCode takes the
#   wrong branch, and the message names the wrong cause.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts n8n-workflow@2.41.0

cat > run.mjs <<'END'
import { createRequire } from 'node:module';
const { NodeApiError } = createRequire(import.meta.url)('n8n-workflow');

const node = { name: 'Call', type: 'call', typeVersion: 1, position: [0, 0], parameters: {} };
for (const answer of [
	{ callId: 'c1', status: 'completed', message: 'The call is over' },
	{ callId: 'c1', code: 404, detail: 'The number is busy' },
]) {
	const { httpCode, message } = new NodeApiError(node, answer);
	console.log(JSON.stringify(answer), '→', JSON.stringify({ httpCode, message }));
}
END
cat > expected <<'END'
{"callId":"c1","status":"completed","message":"The call is over"} → {"httpCode":"completed","message":"The call is over"}
{"callId":"c1","code":404,"detail":"The number is busy"} → {"httpCode":"404","message":"The resource you are requesting could not be found"}
END
node run.mjs > seen
cat seen
diff expected seen || { echo 'This is not what was seen before.'; exit 1; }
