// Everything of a host is found and killed, in groups and sessions of its own too, and nothing else is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import test from 'ava';
import { hostEnvironment, hostProcesses, killHostProcesses } from './host-processes.ts';

test('a host has its children in sessions of their own, and only its own', async (t) => {
  const cluster = `koi-nowhere-${process.pid}`;
  const start = (name: string, host: string) =>
    spawn('sh', ['-c', 'setsid sleep 60 & sleep 60 & echo started; wait'], {
      env: { ...process.env, ...hostEnvironment(name, host) },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const started = [start(cluster, 'a'), start(cluster, 'ab'), start(`${cluster}-2`, 'a')];
  t.teardown(() => {
    killHostProcesses(cluster);
    killHostProcesses(`${cluster}-2`);
  });
  await Promise.all(started.map(({ stdout }) => once(createInterface(stdout), 'line')));
  t.true(hostProcesses(cluster, 'a').length >= 3);
  killHostProcesses(cluster, 'a');
  t.deepEqual(hostProcesses(cluster, 'a'), []);
  t.true(hostProcesses(cluster, 'ab').length >= 3);
  killHostProcesses(cluster);
  t.deepEqual(hostProcesses(cluster), []);
  t.true(hostProcesses(`${cluster}-2`, 'a').length >= 3);
});
