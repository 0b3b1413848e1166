// The form of an error: lower case, no full stop, one line per hint.
import test from 'ava';
import { describeFailure, EXIT, Failure } from './failure.ts';

test("a daemon's sentence becomes the end of a line", (t) => {
  const cases: readonly (readonly [sentence: string, printed: string])[] = [
    ['The cluster is in maintenance.', 'the cluster is in maintenance'],
    ['A majority is gone', 'a majority is gone'],
    ['TLS is not spoken', 'TLS is not spoken'],
    ['b is passive', 'b is passive'],
    ['/etc/koi/koi.yaml is missing.', '/etc/koi/koi.yaml is missing'],
  ];
  for (const [sentence, printed] of cases) {
    t.is(describeFailure(new Failure(EXIT.REFUSED, sentence)), `koi-admin: error: ${printed}\n`);
  }
});

test('each hint has a line of its own', (t) => {
  t.is(
    describeFailure(new Failure(EXIT.REFUSED, 'no', 'Try this.', 'or that')),
    'koi-admin: error: no\nkoi-admin: hint: try this\nkoi-admin: hint: or that\n',
  );
});
