import { describe, expect, test } from 'bun:test';
import { DockerfileError } from '../../../dockerfile/error.ts';
import { parseDockerfile } from '../../../dockerfile/parse.ts';
import type { Platform } from '../../../oci/image/platform.ts';
import { parseNamedContexts } from './named-context.ts';
import { type BuildPlan, planBuild } from './plan.ts';
import { shareStages } from './share-stages.ts';
import { StepList } from './steps.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };

interface Asked {
  readonly given?: Readonly<Record<string, string | undefined>>;
  readonly target?: string;
  readonly contexts?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
}

function plan(
  text: string,
  { given = {}, target = '', contexts = {}, platform = amd64 }: Asked = {},
): BuildPlan {
  return planBuild(parseDockerfile(text), {
    given: new Map(Object.entries(given)),
    target,
    contexts: parseNamedContexts(contexts),
    platform,
  });
}

function needed(text: string, asked?: Asked): string[] {
  return plan(text, asked).needed.map(({ label }) => label);
}

function refusal(text: string, asked?: Asked): DockerfileError {
  try {
    plan(text, asked);
  } catch (error) {
    if (error instanceof DockerfileError) return error;
    throw error;
  }
  throw new TypeError('it was not refused');
}

describe('stages', () => {
  const file = `
FROM busybox AS one
FROM alpine AS two
COPY --from=one /a /a
FROM scratch AS three
FROM one
COPY --from=1 /b /b
RUN --mount=from=busybox,target=/x true
`;

  test('only those that the target needs', () => {
    expect(needed(file)).toEqual(['one', 'two', 'stage-3']);
    expect(needed(file, { target: 'two' })).toEqual(['one', 'two']);
    expect(needed(file, { target: 'THREE' })).toEqual(['three']);
    expect(needed(file, { target: '0' })).toEqual(['one']);
  });

  test('stand on nothing, an image or a stage', () => {
    const bases = plan(file).stages.map(({ base }) =>
      base.kind === 'stage' ? base.stage.label : base.kind === 'image' ? base.name : '',
    );
    expect(bases).toEqual(['busybox', 'alpine', '', 'one']);
  });

  test('a name that comes later is an image', () => {
    expect(plan('FROM later\nFROM busybox AS later').stages[0]?.base).toEqual({
      kind: 'image',
      name: 'later',
    });
  });

  test('a named context stands for what it is named after', () => {
    const contexts = {
      'docker.io/library/alpine:latest': 'docker-image://alpine:3.20',
      two: 'local:',
      nothing: 'docker-image://scratch',
    };
    const text = `FROM alpine AS one
FROM busybox AS two
RUN never
FROM nothing
COPY --from=two / /
COPY --from=alpine:latest / /`;
    const { stages, needed: all } = plan(text, { contexts });
    expect(stages.map(({ base }) => base)).toEqual([
      { kind: 'image', name: 'alpine:3.20' },
      { kind: 'context', name: 'two' },
      { kind: 'scratch' },
    ]);
    expect(stages[1]?.instructions).toEqual([]);
    expect(all.map(({ label }) => label)).toEqual(['two', 'stage-2']);
  });

  test('a stage comes before a named context', () => {
    const { stages } = plan('FROM busybox AS one\nFROM scratch\nCOPY --from=0 / /', {
      contexts: { one: 'local:', busybox: 'local:' },
    });
    expect(stages[0]?.base).toEqual({ kind: 'context', name: 'one' });
    expect(() => parseNamedContexts({ 'Not A Name': 'local:' })).toThrow('invalid context name');
    expect(() => parseNamedContexts({ a: 'ftp://x' })).toThrow('unsupported context source ftp for a');
  });

  test('the last of a name counts', () => {
    expect(needed('FROM a AS x\nFROM b AS x\nFROM scratch\nCOPY --from=x / /')).toEqual(['x', 'stage-2']);
  });
});

describe('refused in BuildKit’s words', () => {
  test('a target that is not there', () => {
    expect(refusal('FROM scratch', { target: 'no' }).message).toContain(
      'target stage "no" could not be found',
    );
  });

  test('a stage that takes from itself, or in a circle', () => {
    const own = refusal('FROM scratch AS stage0\nCOPY --from=stage0 f f');
    expect(own.message).toBe('circular dependency detected on stage: stage0');
    const circle = `
FROM scratch AS stage0
COPY --from=stage2 f f
FROM scratch AS stage1
COPY --from=stage0 f f
FROM scratch AS stage2
COPY --from=stage1 f f`;
    expect(refusal(circle).message).toBe('circular dependency detected on stage: stage0');
  });

  test('a stage that takes from one below it', () => {
    const ahead = refusal('FROM scratch AS x\nCOPY --from=y f f\nFROM scratch AS y', { target: 'x' });
    expect(ahead.message).toBe('cannot copy from stage "y", it needs to be defined before current stage "x"');
    expect(ahead.lines).toEqual({ first: 2, last: 2 });
  });

  test('a number that no stage has', () => {
    const missing = refusal('FROM scratch\nCOPY --from=3 f f');
    expect(missing.message).toBe('invalid stage index 3');
    expect(missing.lines).toEqual({ first: 2, last: 2 });
  });

  test('an empty base', () => {
    const blank = refusal('ARG base\nFROM ${base}');
    expect(blank.message).toBe('base name (${base}) should not be blank');
    expect(blank.lines).toEqual({ first: 2, last: 2 });
  });
});

describe('several platforms', () => {
  const arm64 = { os: 'linux', architecture: 'arm64' };

  function shared(text: string): string[] {
    const [first, second] = shareStages([plan(text), plan(text, { platform: arm64 })]);
    return second?.stages.filter((stage) => first.stages.includes(stage)).map(({ label }) => label) ?? [];
  }

  test('share the stages that are bound to one and ask nothing of the target', () => {
    expect(
      shared(`ARG VERSION=1
FROM --platform=$BUILDPLATFORM busybox AS zero
FROM --platform=$BUILDPLATFORM busybox AS one
ARG VERSION
COPY --from=zero . .
FROM --platform=linux/amd64 one AS two
COPY --from=one /a /a
FROM --platform=$BUILDPLATFORM busybox AS of-target
ARG TARGETARCH
FROM --platform=$BUILDPLATFORM one AS of-those
COPY --from=of-target /a /a
FROM --platform=$BUILDPLATFORM one AS of-image
COPY --from=alpine /a /a
FROM --platform=$TARGETPLATFORM busybox AS native
FROM busybox`),
    ).toEqual(['zero', 'one', 'two']);
  });

  test('say in the names of their steps what they are for', () => {
    const text =
      'FROM --platform=$BUILDPLATFORM busybox AS one\nARG TARGETARCH\nFROM scratch\nCOPY --from=one / /';
    const list = new StepList(shareStages([plan(text), plan(text, { platform: arm64 })]));
    expect(list.all().flatMap(({ name }) => name ?? [])).toEqual([
      '[linux/amd64 one 1/1] FROM --platform=$BUILDPLATFORM busybox AS one',
      '[linux/amd64 stage-1 1/1] COPY --from=one / /',
      '[linux/amd64->arm64 one 1/1] FROM --platform=$BUILDPLATFORM busybox AS one',
      '[linux/arm64 stage-1 1/1] COPY --from=one / /',
    ]);
  });
});

describe('arguments before the first FROM', () => {
  test('take defaults, each other and what was given', () => {
    const file = 'ARG version=1\nARG image=busybox:$version\nFROM $image\nFROM $image';
    const base = (asked: Asked): unknown => plan(file, asked).stages[0]?.base;
    expect(base({})).toEqual({ kind: 'image', name: 'busybox:1' });
    expect(base({ given: { version: '2' } })).toEqual({ kind: 'image', name: 'busybox:2' });
    expect(base({ given: { image: 'x' } })).toEqual({ kind: 'image', name: 'x' });
  });

  test('platforms are there without an ARG', () => {
    const { stages } = plan('FROM --platform=$BUILDPLATFORM busybox:$TARGETARCH');
    expect(stages[0]?.platform).toEqual(amd64);
    expect(stages[0]?.base).toEqual({ kind: 'image', name: 'busybox:amd64' });
  });
});

describe('steps', () => {
  test('are named by stage and number; what takes no time is not', () => {
    const file = 'FROM busybox AS one\nENV a=b\nRUN make\nFROM one\nCOPY --from=0 /a /b\nWORKDIR /w';
    const names = new StepList([plan(file)]).all().map(({ name }) => name);
    expect(names).toEqual([
      '[one 1/2] FROM busybox AS one',
      undefined,
      '[one 2/2] RUN make',
      undefined,
      '[stage-1 1/2] COPY --from=0 /a /b',
      '[stage-1 2/2] WORKDIR /w',
    ]);
  });

  test('triggers of the base come behind FROM', () => {
    const built = plan('FROM busybox\nRUN make');
    const list = new StepList([built]);
    const [stage] = built.stages;
    if (!stage) throw new TypeError('no stage');
    list.addTriggers(stage, parseDockerfile('FROM x\nCOPY . /src').stages[0]?.instructions ?? []);
    expect(list.all().map(({ name }) => name)).toEqual([
      '[1/3] FROM busybox',
      '[2/3] ONBUILD COPY . /src',
      '[3/3] RUN make',
    ]);
  });
});
