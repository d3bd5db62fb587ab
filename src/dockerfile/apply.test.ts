import { describe, expect, test } from 'bun:test';
import type { ProcessConfig } from '../oci/image/image-config.ts';
import { applyInstruction } from './apply.ts';
import { DockerfileError } from './error.ts';
import { parseInstructions } from './parse.ts';

function apply(text: string, config: ProcessConfig = {}): ProcessConfig {
  return parseInstructions(text).reduce(
    (result, instruction) => applyInstruction(result, instruction),
    config,
  );
}

// What one instruction does is in engine/images/config-change.test.ts; here what a build adds.
describe('a configuration', () => {
  test('SHELL counts for the commands after it', () => {
    expect(apply('CMD a\nSHELL ["/bin/bash", "-c"]\nENTRYPOINT b')).toEqual({
      Cmd: null,
      Shell: ['/bin/bash', '-c'],
      Entrypoint: ['/bin/bash', '-c', 'b'],
    });
  });

  test('a variable that is set again keeps its place', () => {
    expect(apply('ENV A=3 C=4', { Env: ['A=1', 'B=2'] }).Env).toEqual(['A=3', 'B=2', 'C=4']);
  });

  test('WORKDIR goes on from the one before, and is made plain', () => {
    expect(apply('WORKDIR /a/b\nWORKDIR ../c//d/').WorkingDir).toBe('/a/c/d');
    expect(apply('WORKDIR a').WorkingDir).toBe('/a');
  });

  test('EXPOSE takes the old form, of which the container counts', () => {
    expect(apply('EXPOSE 127.0.0.1:80:8080 [::1]:1-2:3-4/UDP 5:6').ExposedPorts).toEqual({
      '8080/tcp': {},
      '3/udp': {},
      '4/udp': {},
      '6/tcp': {},
    });
  });

  test('names are names, whatever they are', () => {
    const { Labels } = apply('LABEL __proto__=1 constructor=2');
    expect(Object.entries(Labels ?? {})).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  test('what changes no configuration leaves it', () => {
    const config = {};
    expect(apply('RUN a\nCOPY a b\nADD a b\nARG A\nMAINTAINER me', config)).toBe(config);
  });

  test.each([
    ['EXPOSE 80/icmp', 'invalid port: "80/icmp": invalid proto: icmp'],
    ['EXPOSE /tcp', 'invalid port: "/tcp": no port specified'],
    ['EXPOSE 9-8', 'invalid containerPort: 9-8'],
    ['EXPOSE host:1:2', 'invalid IP address: host'],
    ['EXPOSE 1-2:3-5', 'invalid ranges specified for container and host Ports: 3-5 and 1-2'],
    ['STOPSIGNAL SIGNOTHING', 'invalid signal: SIGNOTHING'],
    [
      `ENV ${Array.from({ length: 10_001 }, (_, at) => `v${at}=`).join(' \\\n')}`,
      'more than 10000 variables',
    ],
  ])('%#: %.40s is refused with its lines', (text, message) => {
    expect(() => apply(`RUN first\n${text}`)).toThrow(DockerfileError);
    expect(() => apply(`RUN first\n${text}`)).toThrow(
      expect.objectContaining({ message, lines: { first: 2, last: text.split('\n').length + 1 } }),
    );
  });
});
