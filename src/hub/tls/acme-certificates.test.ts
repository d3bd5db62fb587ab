/** When a certificate is renewed. Orders themselves: tests/packaging/acme.test.ts. */
import { expect, test } from 'bun:test';
import { isDue } from './acme-certificates.ts';

const day = 86_400_000;
const certificate = { cert: '', key: '', names: [], notBefore: 0, notAfter: 90 * day };

test.each([
  [0, false],
  [59, false],
  [60, true],
  [91, true],
])('one of 90 days is renewed on day %p: %p', (now, due) => {
  expect(isDue(certificate, now * day)).toBe(due);
});
