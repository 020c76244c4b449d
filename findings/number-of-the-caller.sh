#!/bin/sh
# Finding: a validator of phone numbers that returns a different number
# Packages: phone 3.1.72, awesome-phonenumber 7.8.0, libphonenumber-js 1.13.16
# Guess: the packages differ in what they accept, but a number that is accepted comes back with the same digits.
# Seen: phone removes the 9 from an Argentine mobile number, which makes it a landline number. It accepts the 1 in
#   Mexican mobile numbers, which was abolished in 2019 and which the others reject. It rejects "(0)" and "ext=", which
#   the others ignore. awesome-phonenumber does not know satellite phones.
# Hurts: outbound calls: the agent calls a stranger, and the log shows a number that was "validated".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts phone@3.1.72 awesome-phonenumber@7.8.0 libphonenumber-js@1.13.16

cat > run.mjs <<'END'
import { parsePhoneNumber } from 'awesome-phonenumber';
import parse from 'libphonenumber-js/max';
import { phone } from 'phone';

for (const number of ['+54 9 11 2345-6789', '+52 1 55 1234 5678', '+44 (0)20 7946 0018', '+14155552671;ext=5', '+870 773 111 632']) {
	const ofPhone = phone(number);
	const ofAwesome = parsePhoneNumber(number);
	const ofLib = parse(number);
	console.log(
		`${number}: phone ${ofPhone.isValid ? ofPhone.phoneNumber : 'invalid'}, awesome-phonenumber ${ofAwesome.valid ? ofAwesome.number.e164 : 'invalid'}, libphonenumber-js ${ofLib?.isValid() ? ofLib.number : 'invalid'}`,
	);
}
END
cat > expected <<'END'
+54 9 11 2345-6789: phone +541123456789, awesome-phonenumber +5491123456789, libphonenumber-js +5491123456789
+52 1 55 1234 5678: phone +5215512345678, awesome-phonenumber invalid, libphonenumber-js invalid
+44 (0)20 7946 0018: phone invalid, awesome-phonenumber +442079460018, libphonenumber-js +442079460018
+14155552671;ext=5: phone invalid, awesome-phonenumber +14155552671, libphonenumber-js +14155552671
+870 773 111 632: phone invalid, awesome-phonenumber invalid, libphonenumber-js +870773111632
END
node run.mjs > seen
cat seen
diff expected seen || { echo 'This is not what was seen before.'; exit 1; }
