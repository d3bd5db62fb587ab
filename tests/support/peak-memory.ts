/** How much memory a process has had. https://www.kernel.org/doc/html/latest/filesystems/proc.html */

/** The most that was resident since it was forgotten last, in bytes. */
export async function peakOf(pid: number): Promise<number> {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** From now on the peak is counted anew: it is what is resident now. */
export async function forgetPeak(pid: number): Promise<void> {
  await Bun.write(`/proc/${pid}/clear_refs`, '5');
}
