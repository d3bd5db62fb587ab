import { describe, expect, test } from 'bun:test';
import { runAgainstFake } from '../../testing/fake-engine.ts';

const exchanges = [{ method: 'GET', path: '/version', answer: { Os: 'linux', Arch: 'amd64' } }] as const;

test('buildx version says what program this is', async () => {
  expect((await runAgainstFake(['buildx', 'version'])).stdout).toMatch(/^cais v\d+\.\d+\.\d+\n$/);
});

describe('buildx ls', () => {
  test('has the one builder and its node', async () => {
    expect((await runAgainstFake(['buildx', 'ls'], { exchanges })).stdout).toBe(
      [
        'NAME/NODE     DRIVER/ENDPOINT   STATUS    BUILDKIT   PLATFORMS\n',
        'default*      cais                                   \n',
        String.raw` \_ default    \_ default       running              linux/amd64` + '\n',
      ].join(''),
    );
  });

  test('by a template: no marks, no indents', async () => {
    const format = '{{.Name}}: {{.DriverEndpoint}} {{.Status}}';
    const { stdout } = await runAgainstFake(['buildx', 'ls', '--format', format], { exchanges });
    expect(stdout).toBe('default: cais \ndefault: default running\n');
  });

  test('an engine that does not answer is an error of its node', async () => {
    const { stdout, stderr, exitCode } = await runAgainstFake(['buildx', 'ls']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(String.raw` \_ default    \_ default       error`);
    expect(stderr).toStartWith('\nFailed to get status for default (default): ');
  });
});

describe('buildx inspect', () => {
  const text =
    'Name:   default\nDriver: cais\n\nNodes:\nName:      default\nEndpoint:  default\nStatus:    running\nPlatforms: linux/amd64\n';

  test.each([[['--bootstrap']], [['default']]])('%p', async (words) => {
    expect((await runAgainstFake(['buildx', 'inspect', ...words], { exchanges })).stdout).toBe(text);
  });

  test('knows no other', async () => {
    const { stderr, exitCode } = await runAgainstFake(['buildx', 'inspect', 'other'], { exchanges });
    expect({ stderr, exitCode }).toEqual({ stderr: 'no builder "other" found\n', exitCode: 1 });
  });
});

test('buildx bake is refused, whatever follows', async () => {
  const { stderr, exitCode } = await runAgainstFake(['buildx', 'bake', '--file', 'x.hcl', 'all']);
  expect(exitCode).toBe(1);
  expect(stderr).toStartWith('cais does not read bake files: build each target with cais build');
});
