import { describe, expect, test } from 'bun:test';
import { mountSource, readMount } from './mount.ts';

const read = (text: string): object => readMount(text, (name) => (name === 'D' ? '/d' : undefined), '\\');

describe('a mount of RUN', () => {
  test.each<[string, object]>([
    ['source=a,target=/b', { type: 'bind', source: 'a', target: '/b', readOnly: true }],
    ['type=bind,from=x,src=a,dst=$D/y,rw', { from: 'x', source: 'a', target: '/d/y', readOnly: false }],
    ['type=bind,target=/b,readwrite=false', { readOnly: true }],
    [
      'type=cache,id=x,target=/c,sharing=LOCKED,mode=0775,uid=1,gid=2',
      { type: 'cache', id: 'x', sharing: 'locked', mode: 0o775, uid: 1, gid: 2, readOnly: false },
    ],
    ['type=tmpfs,target=/t,size=10m', { type: 'tmpfs', size: 10 * 1024 * 1024, readOnly: false }],
    ['type=secret,id=s,required,env=TOKEN', { type: 'secret', id: 's', required: true, env: 'TOKEN' }],
    ['type=ssh,required=0', { type: 'ssh', required: false }],
    ['type=bind,"target=/a,b"', { target: '/a,b' }],
  ])('%s', (text, expected) => {
    expect(read(text)).toMatchObject(expected);
  });

  test.each([
    ['type=volume', 'unsupported mount type "volume"'],
    ['type=chache', 'unsupported mount type "chache" (did you mean cache?)'],
    ['type=cache,sharing=open', 'unsupported sharing value "open"'],
    ['type=bind,sharing=shared', 'invalid cache sharing set for bind mount'],
    ['type=bind,taget=/x', "unexpected key 'taget' in 'taget=/x' (did you mean target?)"],
    ['type=bind,x', "invalid field 'x' must be a key=value pair"],
    ['required,type=secret', "unexpected key 'required' for mount type 'bind'"],
    ['type=bind,size=1', "unexpected key 'size' for mount type 'bind'"],
    ['type=tmpfs,size=big', 'invalid value for size: big'],
    ['type=bind,uid=1', 'uid not allowed for "bind" type mounts'],
    ['type=cache,mode=9', 'invalid value 9 for mode'],
    ['type=bind,ro=maybe', 'invalid value for ro: maybe'],
    ['type=secret', 'invalid secret mount. one of source, target required'],
    ['type=secret,id=a,source=b', "both source and id can't be set"],
    ['type=secret,id=a,from=b', 'secret mount should not have a from'],
  ])('%s is refused', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  test('its stage is known before variables are', () => {
    expect(mountSource('type=$T,from=build,target=/x')).toBe('build');
    expect(mountSource('type=tmpfs,target=/x')).toBeUndefined();
  });
});
