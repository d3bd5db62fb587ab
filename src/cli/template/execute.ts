/** Runs a parsed template over a value. Fields of rows may be functions: they are called with the words behind them. */
import { CaisError, InvalidError, messageOf } from '../../lib/errors.ts';
import { formatValue } from './format-value.ts';
import { functions, isTrue, type TemplateFunction } from './functions.ts';
import { type Node, type Operand, parseTemplate, type Pipeline } from './parse.ts';

export interface TemplateOptions {
  /** The Go type a missing field is complained about with; without it the value is a map. */
  readonly typeName?: string;
  /** The template's name in messages. */
  readonly name?: string;
  /** Of this template only, before those that all have. */
  readonly functions?: Readonly<Record<string, TemplateFunction>>;
}

export type Template = (value: unknown) => string;

/** @throws InvalidError in Go's words; the returned function too. */
export function compileTemplate(source: string, options: TemplateOptions = {}): Template {
  const nodes = parseTemplate(source);
  return (value) => new Execution(source, options, value).run(nodes);
}

class Execution {
  readonly #source: string;
  readonly #options: TemplateOptions;
  readonly #root: unknown;
  #dot: unknown;
  #variables: Map<string, unknown>;
  #text = '';

  constructor(source: string, options: TemplateOptions, value: unknown) {
    this.#source = source;
    this.#options = options;
    this.#root = value;
    this.#dot = value;
    this.#variables = new Map([['$', value]]);
  }

  run(nodes: readonly Node[]): string {
    this.#nodes(nodes);
    return this.#text;
  }

  #nodes(nodes: readonly Node[]): void {
    for (const node of nodes) this.#node(node);
  }

  #node(node: Node): void {
    if (node.kind === 'text') this.#text += node.text;
    else if (node.kind === 'output') this.#output(node.pipeline);
    else if (node.kind === 'range') this.#range(node);
    else this.#branch(node);
  }

  #output(pipeline: Pipeline): void {
    const value = this.#pipeline(pipeline);
    if (pipeline.variables.length === 0) this.#text += formatValue(value);
  }

  #branch(node: Extract<Node, { kind: 'if' | 'with' | 'range' }>): void {
    this.#scoped(this.#dot, () => {
      const value = this.#pipeline(node.pipeline);
      if (!isTrue(value)) this.#nodes(node.otherwise);
      else if (node.kind === 'with') this.#scoped(value, () => this.#nodes(node.body));
      else this.#nodes(node.body);
    });
  }

  #range(node: Extract<Node, { kind: 'if' | 'with' | 'range' }>): void {
    this.#scoped(this.#dot, () => {
      const items = entriesOf(this.#pipeline(node.pipeline));
      if (items.length === 0) this.#nodes(node.otherwise);
      for (const [key, item] of items) {
        this.#scoped(item, () => {
          const [first, second] = node.pipeline.variables;
          if (second !== undefined) this.#variables.set(second, item);
          if (first !== undefined) this.#variables.set(first, second === undefined ? item : key);
          this.#nodes(node.body);
        });
      }
    });
  }

  #scoped(dot: unknown, body: () => void): void {
    const [outerDot, outerVariables] = [this.#dot, this.#variables];
    this.#dot = dot;
    this.#variables = new Map(outerVariables);
    body();
    this.#dot = outerDot;
    this.#variables = outerVariables;
  }

  #pipeline(pipeline: Pipeline): unknown {
    let value: unknown;
    for (const [at, command] of pipeline.commands.entries()) {
      value = this.#command(command, at === 0 ? [] : [value]);
    }
    const [name] = pipeline.variables;
    if (name !== undefined) this.#variables.set(name, value);
    return value;
  }

  #command([first, ...rest]: readonly Operand[], piped: readonly unknown[]): unknown {
    if (!first) return undefined;
    const args = () => [...rest.map((operand) => this.#operand(operand, [])), ...piped];
    if (first.kind === 'function' || first.kind === 'field') return this.#operand(first, args());
    if (rest.length > 0 || piped.length > 0) {
      throw this.#error(first, `can't give argument to non-function ${first.text}`);
    }
    return this.#operand(first, []);
  }

  #operand(operand: Operand, args: readonly unknown[]): unknown {
    switch (operand.kind) {
      case 'dot':
        return this.#dot;
      case 'literal':
        return operand.value;
      case 'variable':
        return this.#variable(operand);
      case 'group':
        return this.#pipeline(operand.pipeline);
      case 'function':
        return this.#call(operand, args);
      default:
        return this.#field(operand, args);
    }
  }

  #variable(operand: Extract<Operand, { kind: 'variable' }>): unknown {
    if (this.#variables.has(operand.name)) return this.#variables.get(operand.name);
    const line = this.#source.slice(0, operand.at).split('\n').length;
    throw new InvalidError(`template: :${line}: undefined variable "${operand.name}"`);
  }

  #call(operand: Extract<Operand, { kind: 'function' }>, args: readonly unknown[]): unknown {
    const known = { ...functions, ...this.#options.functions };
    const call = known[operand.name];
    if (!call || !Object.hasOwn(known, operand.name)) {
      throw new InvalidError(`template: :1: function "${operand.name}" not defined`);
    }
    try {
      return call(...args);
    } catch (error) {
      if (error instanceof CaisError) throw this.#error(operand, messageOf(error));
      throw error;
    }
  }

  #field(operand: Extract<Operand, { kind: 'field' }>, args: readonly unknown[]): unknown {
    const owner = this.#operand(operand.of, []);
    const value = lookUp(owner, operand.name);
    if (value === missing) throw this.#error(operand, this.#missingField(owner, operand.name));
    return typeof value === 'function' ? (value as (...args: readonly unknown[]) => unknown)(...args) : value;
  }

  #missingField(owner: unknown, name: string): string {
    if (owner === null || owner === undefined) return `nil pointer evaluating interface {}.${name}`;
    if (typeof owner !== 'object') return `can't evaluate field ${name} in type ${typeof owner}`;
    const { typeName } = this.#options;
    if (owner !== this.#root || typeName === undefined)
      return `map has no entry for key ${JSON.stringify(name)}`;
    return `can't evaluate field ${name} in type ${typeName}`;
  }

  #error(operand: Operand, reason: string): InvalidError {
    const name = this.#options.name ?? '';
    const before = this.#source.slice(0, operand.at).split('\n');
    const place = `${before.length}:${new TextEncoder().encode(before.at(-1)).length}`;
    return new InvalidError(
      `template: ${name}:${place}: executing "${name}" at <${operand.text}>: ${reason}`,
    );
  }
}

const missing = Symbol('missing');

/** A field by its name; where only the case differs (Go's `ID`, JSON's `Id`) that one. */
function lookUp(owner: unknown, name: string): unknown {
  if (typeof owner !== 'object' || owner === null) return missing;
  const record = owner as Record<string, unknown>;
  if (Object.hasOwn(record, name)) return record[name];
  const other = Object.keys(record).find((key) => key.toLowerCase() === name.toLowerCase());
  return other === undefined ? missing : record[other];
}

function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(value)) return value.map((item, at) => [at, item] as const);
  if (typeof value === 'number') return Array.from({ length: value }, (_, at) => [at, at] as const);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
