/** A value as Go prints it with %v: `[a b]`, `map[k:v]` with sorted keys, `<nil>`. */

export function formatValue(value: unknown): string {
  if (value === undefined) return '<no value>';
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(formatValue).join(' ')}]`;
  if (typeof value === 'object') return formatMap(value);
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function formatMap(value: object): string {
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, each]) => `${key}:${formatValue(each)}`).join(' ')}]`;
}

function formatNumber(value: number): string {
  if (Number.isInteger(value)) return value.toFixed(0);
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}
