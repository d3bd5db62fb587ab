import { describe, expect, test } from 'bun:test';
import { DockerfileError } from '../error.ts';
import { parseIgnore } from '../ignore.ts';
import { formatPlatform, hostPlatform } from '../../oci/image/platform.ts';
import { parseReference } from '../../oci/image/reference.ts';
import { parseDockerfile } from '../parse.ts';
import { checkDockerfile, type CheckRequest } from './check.ts';

const host = hostPlatform();
const images = {
  alpine: { ...host, config: { Env: ['PATH=/bin'] } },
  java: { ...host, config: { Env: ['JAVA_HOME=/java'], Shell: ['/bin/bash', '-c'] } },
  foreign: { os: 'linux', architecture: 's390x', config: {} },
  trigger: { ...host, config: { Env: [], OnBuild: ['COPY $nothing /', 'CMD a'] } },
};

/** `rule@first-last message`, one a warning. */
function check(text: string, request: CheckRequest = {}): string[] {
  const known = new Map(Object.entries(images));
  const { warnings } = checkDockerfile(parseDockerfile(text), {
    imageConfig: (name) => known.get(name),
    ...request,
  });
  return warnings.map(
    ({ rule, lines: { first, last }, message }) =>
      `${rule}@${first === last ? first : `${first}-${last}`} ${message}`,
  );
}

describe('what an image says of itself', () => {
  const foreign = `InvalidBaseImagePlatform@1 Base image foreign was pulled with platform "linux/s390x", expected "${formatPlatform(host)}" for current build`;

  test.each<[string, CheckRequest, string[]]>([
    ['FROM foreign', {}, [foreign]],
    ['FROM foreign AS a\nFROM a', {}, [foreign]],
    ['FROM alpine', {}, []],
    // Another one is pulled.
    ['FROM foreign', { platform: host }, []],
    ['FROM --platform=$BUILDPLATFORM foreign', {}, []],
    ['# check=skip=InvalidBaseImagePlatform\nFROM foreign', {}, []],
  ])('%j with %p', (text, request, expected) => {
    expect(check(text, request)).toEqual(expected);
  });

  test('its triggers are checked where they run', () => {
    const found = [
      "UndefinedVar@1 Usage of undefined variable '$nothing'",
      'JSONArgsRecommended@1 JSON arguments recommended for CMD to prevent unintended behavior related to OS signals',
    ];
    expect(check('FROM trigger')).toEqual(found);
    // Once: a stage that stands on this one has none of them.
    expect(check('FROM trigger AS a\nFROM a')).toEqual(found);
    expect(check('FROM alpine AS a\nONBUILD CMD a\nFROM a\nFROM a')).toEqual([
      'JSONArgsRecommended@3 JSON arguments recommended for CMD to prevent unintended behavior related to OS signals',
      'JSONArgsRecommended@4 JSON arguments recommended for CMD to prevent unintended behavior related to OS signals',
    ]);
    expect(() => check('FROM alpine AS a\nONBUILD EXPOSE x\nFROM a')).toThrow('invalid containerPort: x');
  });
});

describe('spelling', () => {
  test.each<[string, string[]]>([
    ['FROM alpine AS build\nRUN x', []],
    ['FROM alpine AS Build', ["StageNameCasing@1 Stage name 'Build' should be lowercase"]],
    ['FROM alpine as b', ["FromAsCasing@1 'as' and 'FROM' keywords' casing do not match"]],
    ['from alpine as b', []],
    [
      'FROM alpine\nRun x\ncopy a b',
      [
        "ConsistentInstructionCasing@2 Command 'Run' should match the case of the command majority (uppercase)",
        "ConsistentInstructionCasing@3 Command 'copy' should match the case of the command majority (uppercase)",
      ],
    ],
    [
      'from alpine\nrun x\nCOPY a b',
      [
        "ConsistentInstructionCasing@3 Command 'COPY' should match the case of the command majority (lowercase)",
      ],
    ],
    [
      'FROM alpine AS a\nFROM alpine AS a',
      ['DuplicateStageName@2 Duplicate stage name "a", stage names should be unique'],
    ],
    [
      'FROM alpine AS scratch',
      ['ReservedStageName@1 Stage name should not use the same name as reserved stage "scratch"'],
    ],
    ['FROM alpine\nRUN a \\\n\n b', ['NoEmptyContinuation@4 Empty continuation line']],
    [
      'FROM alpine\nMAINTAINER me',
      ['MaintainerDeprecated@2 Maintainer instruction is deprecated in favor of using label'],
    ],
  ])('%j', (text, expected) => {
    expect(check(text)).toEqual(expected);
  });

  test('descriptions of stages and arguments, where they are asked for', () => {
    const text = [
      '# check=experimental=all',
      '# other',
      'ARG A',
      '',
      '# b it is',
      'FROM alpine AS b',
      '# c',
      'ARG D E',
    ];
    expect(check(text.join('\n'))).toEqual([
      'InvalidDefinitionDescription@3 Comment for ARG should follow the format: `# A <description>`',
      'InvalidDefinitionDescription@8 Comment for ARG should follow the format: `# <arg_key> <description>`',
    ]);
  });
});

describe('FROM', () => {
  test.each<[string, string[]]>([
    ['ARG V=3\nFROM alpine:$V', []],
    [
      'ARG VERSION=3\nFROM alpine:${VERSON}',
      [
        'InvalidDefaultArgInFrom@2 Default value for ARG alpine:${VERSON} results in empty or invalid base image name',
        "UndefinedArgInFrom@2 FROM argument 'VERSON' is not declared (did you mean VERSION?)",
      ],
    ],
    ['ARG T\nFROM busybox:1.3${T}', []],
    [
      'ARG T\nFROM busybox:$T',
      [
        'InvalidDefaultArgInFrom@2 Default value for ARG busybox:$T results in empty or invalid base image name',
      ],
    ],
    ['ARG T=1\nFROM busybox:${T:-latest}', []],
    ['FROM --platform=$BUILDPLATFORM alpine', []],
    [
      'FROM --platform=$TARGETPLATFORM alpine',
      [
        'RedundantTargetPlatform@1 Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
      ],
    ],
    [
      'FROM --platform=linux/amd64 alpine AS a',
      ['FromPlatformFlagConstDisallowed@1 FROM --platform flag should not use constant value "linux/amd64"'],
    ],
    ['FROM --platform=linux/amd64 alpine AS build_amd64', []],
  ])('%j', (text, expected) => {
    expect(check(text)).toEqual(expected);
  });

  test('a base name that arguments make valid is told of; one that they do not is no build', () => {
    expect(check('ARG T\nFROM busybox:$T', { buildArguments: { T: '1' } })).toHaveLength(1);
    expect(() => check('ARG T\nFROM ${T}')).toThrow(DockerfileError);
  });
});

describe('variables', () => {
  test.each<[string, string[]]>([
    ['FROM alpine\nCOPY $foo .', ["UndefinedVar@2 Usage of undefined variable '$foo'"]],
    [
      'FROM alpine\nENV PATH=$PAHT:/x',
      ["UndefinedVar@2 Usage of undefined variable '$PAHT' (did you mean $PATH?)"],
    ],
    ['FROM alpine\nARG foo\nCOPY $foo .', []],
    ['FROM alpine\nENV A=1\nWORKDIR /$A', []],
    ['FROM alpine AS a\nENV A=1\nFROM a\nUSER $A', []],
    ['ARG A=1\nFROM alpine\nUSER $A', ["UndefinedVar@3 Usage of undefined variable '$A'"]],
    ['ARG A=1\nFROM alpine\nARG A\nUSER $A', []],
    ['FROM java\nENV X=$JAVA_HOME', []],
    ['FROM unknown\nENV X=$ANYTHING', []],
    ['FROM unknown\nENV X=${ANYTHING:?none}\nWORKDIR $HOME_OF_IT\nWORKDIR b', []],
    [
      'FROM unknown\nENV VERSION=1\nUSER $VERSON',
      ["UndefinedVar@3 Usage of undefined variable '$VERSON' (did you mean $VERSION?)"],
    ],
    ['FROM scratch\nRUN --mount=type=cache,target=$c x', ["UndefinedVar@2 Usage of undefined variable '$c'"]],
    ['FROM scratch\nRUN echo $shell', []],
    ['FROM scratch\nCOPY <<A <<"B" /\n$x\nA\n$y\nB', ["UndefinedVar@2-6 Usage of undefined variable '$x'"]],
    ['FROM alpine\nARG TARGETARCH\nCOPY $TARGETARCH /', []],
  ])('%j', (text, expected) => {
    expect(check(text)).toEqual(expected);
  });
});

describe('instructions', () => {
  test.each<[string, string[]]>([
    [
      'FROM alpine\nCMD a',
      [
        'JSONArgsRecommended@2 JSON arguments recommended for CMD to prevent unintended behavior related to OS signals',
      ],
    ],
    ['FROM alpine\nSHELL ["bash"]\nENTRYPOINT a', []],
    ['FROM java\nCMD a', []],
    [
      'FROM alpine\nCMD ["a"]\nHEALTHCHECK NONE\nCMD ["b"]',
      [
        'MultipleInstructionsDisallowed@2 Multiple CMD instructions should not be used in the same stage because only the last one will be used',
      ],
    ],
    [
      'FROM alpine\nWORKDIR a\nWORKDIR b',
      ['WorkdirRelativePath@2 Relative workdir "a" can have unexpected results if the base image changes'],
    ],
    ['FROM alpine AS a\nWORKDIR /a\nFROM a\nWORKDIR b', []],
    [
      'FROM alpine\nENV a b\nLABEL c d',
      [
        'LegacyKeyValueFormat@2 "ENV key=value" should be used instead of legacy "ENV key value" format',
        'LegacyKeyValueFormat@3 "LABEL key=value" should be used instead of legacy "LABEL key value" format',
      ],
    ],
    [
      'FROM alpine\nARG GITHUB_TOKEN PUBLIC_KEY\nENV API_KEY=1 TOKENS=1 AUTH_FILE=x',
      [
        'SecretsUsedInArgOrEnv@2 Do not use ARG or ENV instructions for sensitive data (ARG "GITHUB_TOKEN")',
        'SecretsUsedInArgOrEnv@3 Do not use ARG or ENV instructions for sensitive data (ENV "API_KEY")',
      ],
    ],
    [
      'FROM alpine\nEXPOSE 80/TCP 127.0.0.1:80:81',
      [
        "ExposeInvalidFormat@2 EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:80:81'",
        "ExposeProtoCasing@2 Defined protocol '80/TCP' in EXPOSE instruction should be lowercase",
      ],
    ],
  ])('%j', (text, expected) => {
    expect(check(text)).toEqual(expected);
  });

  test('sources that .dockerignore leaves out', () => {
    const text =
      'FROM alpine AS a\nCOPY ./tmp/x /\nADD https://x/tmp /\nCOPY --from=a tmp /\nCOPY . /\nADD tmp a /';
    expect(check(text, { ignore: parseIgnore('tmp') })).toEqual([
      'CopyIgnoredFile@2 Attempting to Copy file "tmp/x" that is excluded by .dockerignore',
      'CopyIgnoredFile@6 Attempting to Add file "tmp" that is excluded by .dockerignore',
    ]);
    expect(check(text, { ignore: parseIgnore('tmp\n!tmp/x') })).toEqual([]);
    expect(check('FROM alpine\nCOPY . /', { ignore: parseIgnore('*') })).toEqual([
      'CopyIgnoredFile@2 Attempting to Copy file "." that is excluded by .dockerignore',
    ]);
  });
});

describe('what is looked at', () => {
  const text =
    'FROM alpine AS a\nCMD a\nFROM alpine AS b\nCMD b\nFROM alpine AS c\nCOPY --from=A x y\nRUN --mount=from=1,target=/x z';
  const linesOf = (request: CheckRequest) => check(text, request).map((warning) => warning.split(/[@ ]/)[1]);

  test('all stages, or those that a target needs', () => {
    expect(linesOf({})).toEqual(['2', '4']);
    expect(linesOf({ target: 'B' })).toEqual(['4']);
    expect(linesOf({ target: 'c' })).toEqual(['2']);
    expect(() => check(text, { target: 'builder' })).toThrow('target stage "builder" could not be found');
    expect(() => check('FROM a AS build', { target: 'biuld' })).toThrow('(did you mean build?)');
  });

  test('rules can be skipped: in the file, above an instruction, by a build argument', () => {
    const doubtful = 'FROM alpine AS A\nCMD a';
    expect(check(`# check=skip=all\n${doubtful}`)).toEqual([]);
    expect(check(`# check=skip=StageNameCasing,Other\n${doubtful}`)).toHaveLength(1);
    expect(check('FROM alpine AS A\n# check=skip=JSONArgsRecommended\nCMD a')).toHaveLength(1);
    const buildArguments = { BUILDKIT_DOCKERFILE_CHECK: 'skip=JSONArgsRecommended' };
    expect(check(`# check=skip=all\n${doubtful}`, { buildArguments })).toHaveLength(1);
  });

  test('error=true makes of warnings a failure', () => {
    const result = (file: string) => checkDockerfile(parseDockerfile(file)).error;
    expect(result('# check=error=true;skip=FromAsCasing\nFROM alpine AS A\nCMD a')).toBe(
      'lint violation found for rules: StageNameCasing, JSONArgsRecommended',
    );
    expect(result('# check=error=true\nFROM alpine')).toBeUndefined();
  });

  test.each(['skip', 'error=maybe', 'skp=all'])('# check=%s is refused', (value) => {
    expect(() => check(`# check=${value}\nFROM a`)).toThrow('check option');
  });

  test('a warning says where to read about it', () => {
    expect(checkDockerfile(parseDockerfile('FROM a AS B')).warnings).toEqual([
      {
        rule: 'StageNameCasing',
        description: 'Stage names should be lowercase',
        url: 'https://docs.docker.com/go/dockerfile/rule/stage-name-casing/',
        message: "Stage name 'B' should be lowercase",
        lines: { first: 1, last: 1 },
      },
    ]);
  });

  test('what fails a build fails the check', () => {
    expect(() => check('FROM alpine\nEXPOSE x')).toThrow('invalid containerPort: x');
    expect(() => check('FROM alpine\nUSER ${x:?none}')).toThrow('x: none');
  });

  test.each([
    ['FROM alpine\nEXPOSE 80/foo', 2, 'invalid port: "80/foo": invalid proto: foo'],
    ['FROM alpine AS one\nRUN --mount=type=none x', 2, 'unsupported mount type "none"'],
  ])('%j is told with its line', (text, line, message) => {
    expect(mistake(() => check(text))).toMatchObject({ message, lines: { first: line, last: line } });
  });

  test('a name that no image has is told with its line', () => {
    const file = parseDockerfile('FROM a\nFROM a:b:c');
    const imageConfig = (name: string) => parseReference(name) && undefined;
    expect(mistake(() => checkDockerfile(file, { imageConfig }))).toMatchObject({
      message: 'failed to parse stage name "a:b:c": invalid reference format',
      lines: { first: 2, last: 2 },
    });
  });
});

function mistake(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return expect.unreachable('nothing was found');
}
