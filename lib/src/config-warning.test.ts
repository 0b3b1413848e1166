// Every key that has no effect yet is said to have none.
import test from 'ava';
import { parseConfig } from './config-file.ts';
import { configWarnings } from './config-warning.ts';

const MINIMAL = `cluster: shop
electors: [{ name: a, address: "127.0.0.1:42012" }]
`;

function warningsOf(more: string): readonly string[] {
  return configWarnings(parseConfig(`${MINIMAL}${more}`, 'koi.yaml', 'a'));
}

test('a plain configuration warns of nothing', (t) => {
  t.deepEqual(warningsOf(''), []);
});

test('what is read but has no effect yet is said', (t) => {
  t.regex(warningsOf('runner: { fence: /sbin/fence }\n')[0] ?? '', /never called/);
});

test('an insecure network is said', (t) => {
  t.regex(warningsOf('tls: insecure\n')[0] ?? '', /insecure/);
});
