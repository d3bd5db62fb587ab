/** Waits for a server that is starting. */
export async function until(check: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      if (await check()) return;
    } catch (error) {
      if (attempt === 200) throw error;
    }
    await Bun.sleep(100);
  }
}
