import { isOutOfReach } from '../../../nodes/VideoSdk/shared/thisMachine';

test.each([
	'http://localhost',
	'HTTPS://LOCALHOST/path',
	'http://localhost:5678/webhook/1',
	'http://127.0.0.1',
	'https://127.10.20.255:1234',
	'http://0.0.0.0:80',
	'http://[::1]:5678/',
	'http://[::]/',
])('VideoSDK reaches %s only on the same machine', (url) => {
	expect(isOutOfReach(url, 'https://api.videosdk.live')).toBe(true);
	expect(isOutOfReach(url, 'http://localhost:1234')).toBe(false);
});

test.each([
	'https://n8n.example',
	'https://localhost.example',
	'https://my-localhost',
	'https://127.0.0.example',
	'https://n8n.example/http://localhost/',
	'https://[2001:db8::1]/',
	'localhost:5678',
	'',
])('VideoSDK may be able to reach %p', (url) => {
	expect(isOutOfReach(url, 'https://api.videosdk.live')).toBe(false);
});
