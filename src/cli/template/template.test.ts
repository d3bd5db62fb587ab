import { describe, expect, test } from 'bun:test';
import { compileTemplate } from './execute.ts';

const value = {
  Id: 'sha256:abc',
  Name: 'web server',
  Size: 1982391,
  Tty: false,
  Env: ['PATH=/bin', 'A=b'],
  Labels: { b: '2', a: '1' },
  State: { Pid: 42, Error: '' },
  Nothing: null,
  Label: (name: unknown) => `label ${String(name)}`,
};

const run = (template: string) => compileTemplate(template)(value);

describe('template', () => {
  test.each([
    ['{{.Id}}', 'sha256:abc'],
    ['{{ .State.Pid }}', '42'],
    ['{{.ID}}', 'sha256:abc'],
    ['{{json .Labels}}', '{"b":"2","a":"1"}'],
    ['{{.Env}} {{.Labels}} {{.Nothing}}', '[PATH=/bin A=b] map[a:1 b:2] <nil>'],
    ['{{range .Env}}<{{.}}>{{end}}', '<PATH=/bin><A=b>'],
    ['{{range $i, $e := .Env}}{{$i}}={{$e}};{{end}}', '0=PATH=/bin;1=A=b;'],
    ['{{range $k, $v := .Labels}}{{$k}}{{$v}}{{end}}', 'a1b2'],
    ['{{range .Nothing}}x{{else}}none{{end}}', 'none'],
    ['{{if .Tty}}a{{else if .Env}}b{{else}}c{{end}}', 'b'],
    ['{{with .State}}{{.Pid}}{{end}}', '42'],
    ['{{with .State.Error}}{{.}}{{else}}fine{{end}}', 'fine'],
    ['{{index .Env 1}} {{index .Labels "a"}}', 'A=b 1'],
    ['{{(index .Env 0)}}', 'PATH=/bin'],
    ['{{join .Env ","}}', 'PATH=/bin,A=b'],
    ['{{split .Name " "}}', '[web server]'],
    ['{{upper .Name}}|{{lower "AB"}}|{{title .Name}}', 'WEB SERVER|ab|Web Server'],
    ['{{pad .Id 1 2}}|{{truncate .Id 3}}', ' sha256:abc  |sha'],
    ['{{printf "%-5s|%5d|%q|%.2f" "ab" 7 "x" 1.5}}', 'ab   |    7|"x"|1.50'],
    ['{{.Name | upper | printf "%s!"}}', 'WEB SERVER!'],
    ['{{println .Id}}', 'sha256:abc\n'],
    ['{{len .Env}} {{len .Name}}', '2 10'],
    [
      '{{eq .State.Pid 42}} {{ne .Id "x"}} {{and .Tty .Id}} {{or .Tty .Id}} {{not .Tty}}',
      'true true false sha256:abc true',
    ],
    ['{{gt .Size 5}}{{if and (eq .State.Pid 42) (not .Tty)}}both{{end}}', 'trueboth'],
    ['{{$x := .State}}{{$x.Pid}}{{$.Id}}', '42sha256:abc'],
    ['a {{- " b " -}} c', 'a b c'],
    ['{{/* nothing */}}x', 'x'],
    ['{{.Label "com.x"}}', 'label com.x'],
    ['{{json "<a>&"}}', '"\\u003ca\\u003e\\u0026"'],
    ['no actions }}', 'no actions }}'],
  ])('%s', (template, expected) => expect(run(template)).toBe(expected));

  test.each([
    ['{{.ID', 'template: :1: unclosed action'],
    ['{{.Id}} {{.Nope}}', 'template: :1:10: executing "" at <.Nope>: map has no entry for key "Nope"'],
    ['{{nope .Id}}', 'template: :1: function "nope" not defined'],
    ['{{if .Id}}x', 'template: :1: unexpected EOF'],
    ['{{end}}', 'template: :1: unexpected {{end}}'],
    ['{{$y}}', 'template: :1: undefined variable "$y"'],
    ['{{index .Env 9}}', 'error calling index: index out of range: 9'],
  ])('%s fails in the words of Go', (template, message) => expect(() => run(template)).toThrow(message));

  test('a row names its type where a field is missing', () => {
    const template = compileTemplate('{{.Foo}}', { typeName: '*formatter.ContainerContext' });
    expect(() => template(value)).toThrow(
      'template: :1:2: executing "" at <.Foo>: can\'t evaluate field Foo in type *formatter.ContainerContext',
    );
  });

  test('nothing of JavaScript shows through', () => {
    expect(() => run('{{.constructor}}')).toThrow('map has no entry');
    expect(() => run('{{constructor .Id}}')).toThrow('not defined');
  });
});
