/** The entries that hold something: undefined, empty lists and empty maps mean the engine's default. */
export function filled<T extends object>(values: T): Partial<T> {
  const isFilled = (value: unknown) =>
    value !== undefined && (typeof value !== 'object' || value === null || Object.keys(value).length > 0);
  return Object.fromEntries(Object.entries(values).filter(([, value]) => isFilled(value))) as Partial<T>;
}
