module.exports = {
	...require('./dist/credentials/VideoSdkApi.credentials.js'),
	...require('./dist/nodes/VideoSdk/VideoSdk.node.js'),
	...require('./dist/nodes/VideoSdk/VideoSdkTrigger.node.js'),
};
