import { expect, test } from 'bun:test';
import { applyChanges } from './config-change.ts';

test.each([
  ['CMD ["a","b c"]', { Cmd: ['a', 'b c'] }],
  ['CMD echo hi', { Cmd: ['/bin/sh', '-c', 'echo hi'] }],
  ['entrypoint ["x"]', { Entrypoint: ['x'] }],
  ['ENTRYPOINT []', { Entrypoint: [] }],
  ['ENV A=1 B="two words" C=a\\ b', { Env: ['PATH=/bin', 'A=1', 'B=two words', 'C=a b'] }],
  ['ENV PATH=$PATH:/sbin', { Env: ['PATH=/bin:/sbin'] }],
  ['ENV PATH /usr/bin', { Env: ['PATH=/usr/bin'] }],
  ['LABEL a.b="c d" e=f', { Labels: { 'a.b': 'c d', e: 'f' } }],
  [
    'EXPOSE 80 53/udp 8000-8001',
    { ExposedPorts: { '80/tcp': {}, '53/udp': {}, '8000/tcp': {}, '8001/tcp': {} } },
  ],
  ['VOLUME ["/a","/b c"]', { Volumes: { '/a': {}, '/b c': {} } }],
  ['VOLUME /a /b', { Volumes: { '/a': {}, '/b': {} } }],
  ['USER 1000:1000', { User: '1000:1000' }],
  ['WORKDIR sub', { WorkingDir: '/srv/sub' }],
  ['WORKDIR /abs', { WorkingDir: '/abs' }],
  ['# a comment\nUSER a \\\n  b', { User: 'a   b' }],
  ['STOPSIGNAL SIGINT', { StopSignal: 'SIGINT' }],
  ['ONBUILD RUN make', { OnBuild: ['RUN make'] }],
  ['HEALTHCHECK NONE', { Healthcheck: { Test: ['NONE'] } }],
  [
    'HEALTHCHECK --interval=1m30s --retries=3 CMD curl -f x',
    { Healthcheck: { Interval: 90e9, Retries: 3, Test: ['CMD-SHELL', 'curl -f x'] } },
  ],
])('%p changes the configuration', (change, expected) => {
  const config = { Env: ['PATH=/bin'], WorkingDir: '/srv/' };
  expect(applyChanges(config, [change])).toEqual({ ...config, ...expected });
});

test.each([
  ['RUN ls', 'run is not a valid change command'],
  ['FROM x', 'from is not a valid change command'],
  ['EXPOSE http', 'invalid containerPort: http'],
  ['EXPOSE 70000', 'invalid containerPort: 70000'],
  ['ENV', 'ENV requires at least one argument'],
  ['ENV a', 'ENV must have two arguments'],
  ['ONBUILD ONBUILD RUN x', 'Chaining ONBUILD'],
  ['STOPSIGNAL never', 'invalid signal: never'],
  ['HEALTHCHECK sometimes', 'Unknown type "SOMETIMES" in HEALTHCHECK (try CMD)'],
  ['HEALTHCHECK --interval=soon CMD x', 'time: invalid duration "soon"'],
])('%p is refused', (change, message) => {
  expect(() => applyChanges({}, [change])).toThrow(message);
});

test("ENTRYPOINT drops the image's CMD, unless CMD is changed, too", () => {
  const config = { Cmd: ['old'] };
  expect(applyChanges(config, ['ENTRYPOINT ["x"]'])).toEqual({ Cmd: null, Entrypoint: ['x'] });
  expect(applyChanges(config, ['CMD ["y"]', 'ENTRYPOINT ["x"]'])).toEqual({ Cmd: ['y'], Entrypoint: ['x'] });
});
