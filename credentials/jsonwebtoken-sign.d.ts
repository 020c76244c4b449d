// @types/jsonwebtoken describes the package, not the one file of it that signs.
declare module 'jsonwebtoken/sign' {
	import { sign } from 'jsonwebtoken';

	export default sign;
}
