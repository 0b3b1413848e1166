// check-config: what follows from a configuration that is right, and every problem of one that is not.
import test from 'ava';
import { koiAdmin, writeConfig } from './koi-admin.ts';

test('check-config tells what follows from a file that is right', async (t) => {
  const config = writeConfig(
    t,
    `cluster: shop
name: a
electors:
  - { name: a, address: "10.0.0.1:42012", priority: 3 }
  - { name: b, address: "10.0.0.2:42012", priority: 2 }
  - { name: c, address: "10.0.0.3:42012", priority: 1 }
tls: insecure
`,
  );
  t.deepEqual(await koiAdmin(['check-config', config]), {
    exit: 0,
    out: `${config} is right
cluster: shop
this host: a, its elector listens on 10.0.0.1:42012
electors: a, b, c (highest rank first)
majority: 2 of 3, so 1 may be lost
times: heartbeat 200 ms, leaderLease 800 ms, masterLease 1.6 s, demoteGrace 1 s, drift 3 %
worst-case failover: 2.678 s without a master when its host dies
worst-case failover: 3.238 s when the leading elector dies with it, 560 ms of that for an election
failover: scripts, disk writes and the network come on top
safety margin: the old master is down 78 ms before a new one starts, 0 ms if their clocks differ by 3 %
safety margin: SIGKILL of what is left of the old one goes out 378 ms before that start
a lost lease, at the worst, by the clock of the host that lost it:
  +   0 ms  it ends; koi-runner starts the demote scripts, highest priority first
  +  40 ms  where koi-runner has not, koi-deadman begins in its place
  +  50 ms  the first demote scripts run, whatever else is going on
  + 700 ms  what is still promoted is killed, then its stop script runs
  + 880 ms  a koi-runner stuck in this is killed, koi-deadman goes on for it
  +    1 s  what is still promoted is for the fence hook (nobody: no runner.fence is configured)
  +1.078 s  the earliest promotion elsewhere; 1 s if clocks differ by 3 %
`,
    err:
      'koi-admin: warning: tls: insecure lets whoever reaches the electors (10.0.0.1:42012, ' +
      '10.0.0.2:42012, 10.0.0.3:42012) read, order and impersonate: ' +
      'keep them on a network of their own\n',
  });
  const { out } = await koiAdmin(['check-config', config, '-o', 'json']);
  t.like(JSON.parse(out), {
    problems: [],
    masterDiesMs: 2_678,
    leaderDiesTooMs: 3_238,
    lostLease: {
      deadmanMs: 40,
      demoteMs: 50,
      killMs: 700,
      takeoverMs: 880,
      fenceMs: 1_000,
      fence: null,
      promotionMs: 1_078,
      promotionAtDriftMs: 1_000,
    },
  });
});

test('check-config counts the ladder from the times of the file, and names the fence hook', async (t) => {
  const config = writeConfig(
    t,
    `cluster: shop
name: a
electors: [{ name: a, address: "127.0.0.1:1" }]
timing: { demoteGrace: 5s, drift: 5% }
runner: { fence: /nowhere/fence }
`,
  );
  const { out, err } = await koiAdmin(['check-config', config]);
  t.regex(out, /\n {2}\+ *3\.5 s {2}what is still promoted is killed/);
  t.regex(
    out,
    /\n {2}\+ *5 s {2}what is still promoted is for the fence hook \(\/nowhere\/fence\)/,
  );
  t.regex(
    out,
    /\n {2}\+ *5\.33 s {2}the earliest promotion elsewhere; 5 s if clocks differ by 5 %/,
  );
  t.regex(err, /warning: runner\.fence: \/nowhere\/fence does not exist/);
  const json = await koiAdmin(['check-config', config, '-o', 'json']);
  t.regex(JSON.parse(json.out).warnings[0], /^runner\.fence: /);
});

test('check-config tells every problem at its place and exits 1', async (t) => {
  const config = writeConfig(
    t,
    `cluster: shop
name: a
electors: [{ name: a, address: "127.0.0.1:1" }]
timing: { masterLeese: 1s, heartbeat: 60 }
tls: { ca: /ca, certificate: /c, key: /k }
`,
  );
  t.deepEqual(await koiAdmin(['check-config', config]), {
    exit: 1,
    out: '',
    err: `${config}:4:11: timing.masterLeese: is not a known key: did you mean "masterLease"?
${config}:4:39: timing.heartbeat: must be a duration with its unit, not 60: write 60ms, 60s, 60m or 60h
koi-admin: error: ${config} is refused for these 2 reasons
`,
  });
  const files = writeConfig(
    t,
    'cluster: shop\nelectors: [{ name: a, address: "127.0.0.1:1" }]\ntls: { ca: /ca, certificate: /c, key: /k }\n',
  );
  const { exit, err } = await koiAdmin(['check-config', files]);
  t.is(exit, 1);
  t.regex(err, /: tls: certificates are configured but this version does not speak TLS/);
});
