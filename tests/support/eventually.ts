/** For what becomes true in its own time: a process that ends, a file that is read again. */

/** Asks again until `check` does not throw. @throws its last failure after `limit` milliseconds. */
export async function eventually<T>(check: () => T | Promise<T>, limit = 60_000): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await Bun.sleep(20);
  }
}
