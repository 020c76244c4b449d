#!/bin/sh
# Finding: n8n's HTTP Request node takes a page with an error for the last page, and succeeds
# Package: n8n-nodes-base 2.41.1 (HTTP Request 4.2) in n8n-core 2.41.1
# Guess: a page with HTTP 429 fails the node, as it does without pagination: for "Other" in "Pagination Complete When",
#   the node adds a check of the status to the expression.
# Seen: that holds if the expression can be evaluated for the body of the error. `$response.body.data.length === 0` can
#   not, since that body has no `data`. n8n then takes the whole expression, with its check, for false: the node
#   succeeds with the pages until then, and gives the body of the error as the last item. With `data?.length` it fails.
# Hurts: anyone who ends, bills or reports what a list contains: a kill switch behind a rate limit ends the first pages,
#   and its execution is green.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts n8n-nodes-base@2.41.1 n8n-core@2.41.1 n8n-workflow@2.41.0

cat > run.mjs <<'END'
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const { WorkflowExecute } = require('n8n-core');
const { Workflow, createRunExecutionData } = require('n8n-workflow');
const { HttpRequest } = require('n8n-nodes-base/dist/nodes/HttpRequest/HttpRequest.node.js');

// Ten pages of two sessions each. The third request is one too many.
let requests = 0;
const server = createServer(({ url }, response) => {
	const page = Number(new URL(url, 'http://localhost').searchParams.get('page') ?? 1);
	const isThrottled = ++requests === 3;
	const body = isThrottled
		? { message: 'Too many requests' }
		: { data: page > 10 ? [] : [{ id: 2 * page - 1 }, { id: 2 * page }] };
	response.writeHead(isThrottled ? 429 : 200, { 'content-type': 'application/json' });
	response.end(JSON.stringify(body));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const httpRequest = new HttpRequest();
const nodeTypes = {
	getByName: () => httpRequest,
	getByNameAndVersion: (_type, version) => httpRequest.getNodeType(version),
	getKnownTypes: () => ({}),
};
const urls = ['restApiUrl', 'instanceBaseUrl', 'webhookBaseUrl', 'webhookWaitingBaseUrl', 'formWaitingBaseUrl'];
const additionalData = {
	hooks: { runHook: async () => {}, addHandler: () => {} },
	variables: {},
	currentNodeExecutionIndex: 0,
	...Object.fromEntries(urls.map((name) => [name, 'http://localhost:5678'])),
};

async function run(completeExpression) {
	requests = 0;
	const pagination = {
		paginationMode: 'updateAParameterInEachRequest',
		parameters: { parameters: [{ type: 'qs', name: 'page', value: '={{ $pageCount + 1 }}' }] },
		paginationCompleteWhen: 'other',
		completeExpression,
	};
	const parameters = {
		url: `http://127.0.0.1:${server.address().port}/sessions`,
		options: completeExpression ? { pagination: { pagination } } : {},
	};
	const node = { id: '1', name: 'Pages', type: 'httpRequest', typeVersion: 4.2, position: [0, 0], parameters };
	const workflow = new Workflow({ id: '1', nodes: [node], connections: {}, active: false, nodeTypes });
	const items = completeExpression ? [{ json: {} }] : [{ json: {} }, { json: {} }, { json: {} }];
	const executionData = { nodeExecutionStack: [{ node, data: { main: [items] }, source: null }] };
	const execute = new WorkflowExecute(additionalData, 'manual', createRunExecutionData({ executionData }));
	const { status, data } = await execute.processRunExecutionData(workflow);
	const { error, runData } = data.resultData;
	if (error) return `${status}, ${error.message}`;
	const pages = runData.Pages[0].data.main[0].map(({ json }) => json);
	const sessions = pages.flatMap((page) => page.data ?? []).length;
	return `${status}, ${sessions} of 20 sessions, last item ${JSON.stringify(pages.at(-1))}`;
}

console.log(`Three requests without pagination: ${await run()}`);
console.log(`data.length === 0: ${await run('={{ $response.body.data.length === 0 }}')}`);
console.log(`data?.length === 0: ${await run('={{ $response.body.data?.length === 0 }}')}`);
server.close();
END
cat > expected <<'END'
Three requests without pagination: error, The service is receiving too many requests from you
data.length === 0: success, 4 of 20 sessions, last item {"message":"Too many requests"}
data?.length === 0: error, The service is receiving too many requests from you
END
node run.mjs 2> errors | grep -E '^(Three|data)' > seen || cat errors
cat seen
diff expected seen || { echo 'This is not what was seen before.'; exit 1; }
