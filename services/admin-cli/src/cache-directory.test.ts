// Where compiled code may be kept.
import test from 'ava';
import { cacheDirectory } from './cache-directory.ts';

test('root keeps it where only root writes, whatever the environment says', (t) => {
  const env = { HOME: '/home/eve', XDG_CACHE_HOME: '/tmp/eve' };
  t.is(cacheDirectory(env, 0), '/var/cache/koi-admin');
});

test('everybody else keeps it at home', (t) => {
  t.is(cacheDirectory({ HOME: '/home/ann' }, 1000), '/home/ann/.cache/koi-admin');
  t.is(cacheDirectory({ HOME: '/home/ann', XDG_CACHE_HOME: '/c' }, 1000), '/c/koi-admin');
  t.is(
    cacheDirectory({ HOME: '/home/ann', XDG_CACHE_HOME: 'c' }, 1000),
    '/home/ann/.cache/koi-admin',
  );
  t.is(cacheDirectory({}, 1000), undefined);
});
