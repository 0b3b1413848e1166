// Every way in which a configuration is refused: with line, column, key and what would be right.
import test from 'ava';
import { ConfigError } from './config-error.ts';
import { type LoadOptions, parseConfig } from './config-file.ts';

const MINIMAL = `cluster: shop
electors:
  - { name: a, address: "127.0.0.1:42012" }
`;

const THREE = `cluster: shop
name: a
electors:
  - { name: a, address: "127.0.0.1:42011", priority: 1 }
  - { name: b, address: "127.0.0.1:42012", priority: 3 }
  - { name: c, address: "127.0.0.1:42013", priority: 1 }
`;

function problems(text: string, options?: LoadOptions, hostName = 'a'): string[] {
  try {
    parseConfig(text, 'koi.yaml', hostName, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const refusals: readonly (readonly [what: string, text: string, ...expected: string[]])[] = [
  ['an empty file', '', '1:1: cluster: is missing', '1:1: electors: is missing'],
  ['a list instead of keys', '- 1', '1:1: must be a section of keys, not [1]'],
  [
    'a YAML syntax error',
    'cluster: [a\n',
    '2:1: is not YAML here: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  ['a duplicate key', `${MINIMAL}cluster: x\n`, '4:1: cluster: is given twice: keep one of them'],
  [
    'a duplicate key in a list',
    'cluster: a\nelectors:\n  - { name: a, name: b, address: "localhost:1" }\n',
    '3:16: electors[0].name: is given twice: keep one of them',
  ],
  [
    'a misspelt key',
    `${MINIMAL}timing:\n  heartbeet: 1s\n`,
    '5:3: timing.heartbeet: is not a known key: did you mean "heartbeat"?',
  ],
  [
    'a misspelt key of an elector',
    `${MINIMAL.trimEnd().slice(0, -1)}, prioritty: 1 }\n`,
    '3:45: electors[0].prioritty: is not a known key: did you mean "priority"?',
  ],
  [
    'a key of another section',
    `${MINIMAL}heartbeat: 1s\n`,
    '4:1: heartbeat: is not a known key here: it belongs under "timing"',
  ],
  [
    'a top-level key in a section',
    `${MINIMAL}elector: { preempt: true }\n`,
    '4:12: elector.preempt: is not a known key here: it belongs at the top',
  ],
  [
    'a key like no other',
    `${MINIMAL}elector: { xyzzy: true }\n`,
    '4:12: elector.xyzzy: is not a known key: there are listen, stateDirectory, socket',
  ],
  [
    'a number as a name',
    MINIMAL.replace('shop', '5'),
    '1:10: cluster: must be text, not 5: write it in quotes, "5"',
  ],
  ['a wrong type', `${MINIMAL}preempt: 1\n`, '4:10: preempt: must be true or false, not 1'],
  [
    'a duration without its unit',
    `${MINIMAL}timing: { heartbeat: 60 }\n`,
    '4:22: timing.heartbeat: must be a duration with its unit, not 60: write 60ms, 60s, 60m or 60h',
  ],
  [
    'a bad duration',
    `${MINIMAL}services: { stopTimeout: 6 min }\n`,
    '4:26: services.stopTimeout: must be a duration like 200ms, 1.6s, 6m or 1h, not "6 min"',
  ],
  [
    'a duration that no timer can wait for',
    `${MINIMAL}timing: { forgetAfter: 10000h }\n`,
    '4:24: timing.forgetAfter: must be at most 480 h, not "10000h"',
  ],
  [
    'a bad percentage',
    `${MINIMAL}timing: { drift: 0.03 }\n`,
    '4:18: timing.drift: must be a percentage like 3%, not 0.03',
  ],
  [
    'an address without a port',
    MINIMAL.replace(':42012', ''),
    '3:25: electors[0].address: "127.0.0.1" has no port: write it like 127.0.0.1:42012',
  ],
  [
    'a port out of range',
    MINIMAL.replace('42012', '65536'),
    '3:25: electors[0].address: "127.0.0.1:65536" has the port "65536": it must be a number from 1 to 65535',
  ],
  [
    'an IPv6 address without brackets',
    MINIMAL.replace('127.0.0.1', 'fe80::1'),
    '3:25: electors[0].address: "fe80::1:42012" must be host:port with an IPv6 host in brackets: [fe80::1]:42012',
  ],
  [
    'an empty elector list',
    'cluster: shop\nelectors: []\n',
    '2:11: electors: must list at least one elector, like { name: a, address: "10.0.0.1:42012" }',
  ],
  [
    'a duplicate elector name',
    THREE.replace('name: c', 'name: b'),
    '6:13: electors[2].name: b is taken by the elector on line 5: each needs its own name',
  ],
  [
    'a duplicate elector address',
    THREE.replace('127.0.0.1:42012', 'localhost:1').replace('127.0.0.1:42013', 'LocalHost:1'),
    '6:25: electors[2].address: LocalHost:1 is taken by the elector on line 5: each needs its own address',
  ],
  [
    'a factor out of bounds',
    `${MINIMAL}recovery: { factor: 9 }\n`,
    '4:21: recovery.factor: must be a number from 1 to 8, not 9',
  ],
  [
    'a leader lease shorter than three heartbeats',
    `${THREE}timing: { leaderLease: 599ms }\n`,
    '7:24: timing.leaderLease: is 599 ms but must be at least 3 × timing.heartbeat (200 ms) = 600 ms',
  ],
  [
    'a heartbeat too long for the leader lease',
    `${MINIMAL}timing: { heartbeat: 267ms }\n`,
    '4:22: timing.leaderLease: is 800 ms but must be at least 3 × timing.heartbeat (267 ms) = 801 ms',
  ],
  [
    'a master lease too near to the leader lease',
    `${THREE}timing: { masterLease: 1.406s }\n`,
    '7:24: timing.masterLease: is 1.406 s but must be at least timing.leaderLease (800 ms) + ' +
      '607 ms = 1.407 s with 3 electors and a heartbeat of 200 ms',
  ],
  [
    'a drift that two ordinary clocks exceed',
    `${THREE}timing: { drift: 2% }\n`,
    '7:18: timing.drift: is 2 % but must be at least 2.1 %: two clocks that are each off by 1 % differ by 2.02 %',
  ],
  [
    'a grace too short for any script',
    `${THREE}timing: { demoteGrace: 99ms }\n`,
    '7:24: timing.demoteGrace: is 99 ms but must be at least 100 ms',
  ],
  [
    'tls that is neither word nor files',
    `${MINIMAL}tls: off\n`,
    '4:6: tls: must be "insecure" or a section with ca, certificate and key, not "off"',
  ],
  [
    'tls without its key',
    `${MINIMAL}tls: { ca: /ca, certificate: /c }\n`,
    '4:1: tls.key: is missing',
  ],
];

for (const [what, text, ...expected] of refusals) {
  test(`refused: ${what}`, (t) => {
    t.deepEqual(
      problems(text),
      expected.map((line) => `koi.yaml:${line}`),
    );
  });
}

const OPEN =
  'is not a loopback address, and without tls only 127.0.0.0/8, ::1 and localhost are used: ' +
  'write "tls: insecure" if the network itself is trusted, or loopback addresses for a trial';

test('without tls only loopback addresses are dialled and listened on', (t) => {
  const open = THREE.replaceAll('127.0.0.1', '10.0.0.1');
  t.deepEqual(problems(open), [
    `koi.yaml:4:25: electors[0].address: 10.0.0.1:42011 ${OPEN} (as for 2 more of the list)`,
  ]);
  t.deepEqual(problems(`${THREE}elector: { listen: "0.0.0.0:42011" }\n`), [
    `koi.yaml:7:20: elector.listen: 0.0.0.0:42011 ${OPEN}`,
  ]);
  for (const tls of ['insecure', '{ ca: a, certificate: b, key: c }']) {
    t.deepEqual(problems(`${open}elector: { listen: "0.0.0.0:42011" }\ntls: ${tls}\n`), []);
  }
  for (const host of ['localhost', '[::1]', '127.9.9.9']) {
    t.deepEqual(problems(MINIMAL.replace('127.0.0.1', host)), []);
  }
});

test('an elector must find itself in the list, a runner need not', (t) => {
  const stranger = THREE.replace('name: a\n', 'name: z\n');
  t.deepEqual(problems(stranger, { role: 'elector' }), [
    'koi.yaml:2:7: name: z is not in the elector list (a, b, c), so no elector can run here: ' +
      'correct it or add this host to the list',
  ]);
  t.deepEqual(problems(stranger, { role: 'runner' }), []);
  t.deepEqual(problems(stranger), []);
  t.deepEqual(problems(MINIMAL, { role: 'elector' }, 'host9'), [
    "koi.yaml:3:3: name: host9 (this host's name) is not in the elector list (a), so no elector " +
      'can run here: say which one this host is, or add it',
  ]);
});

test('all problems are told at once, in the order of the file', (t) => {
  const text = `clutser: shop
cluster: shop
name: a
electors:
  - { name: a, address: "127.0.0.1:1" }
  - { name: a, address: "127.0.0.1:2" }
recovery: { factor: 0 }
timing: { masterLease: 800ms }
`;
  t.deepEqual(
    problems(text).map((line) => line.split(': ').slice(0, 2).join(' ')),
    [
      'koi.yaml:1:1 clutser',
      'koi.yaml:6:13 electors[1].name',
      'koi.yaml:7:21 recovery.factor',
      'koi.yaml:8:24 timing.masterLease',
    ],
  );
});

test('aliases that multiply are refused instead of filling the memory', (t) => {
  const lines = ['x0: &x0 [a, a, a, a, a, a, a, a, a]'];
  for (let i = 1; i < 9; i++) {
    lines.push(
      `x${i}: &x${i} [${Array(9)
        .fill(`*x${i - 1}`)
        .join(', ')}]`,
    );
  }
  t.regex(problems(lines.join('\n')).join(), /^koi\.yaml: cannot be read: /);
});
