/**
 * The step of a Dockerfile as its author wrote it, out of what an image's history holds: the classic builder writes
 * `/bin/sh -c #(nop)  CMD ["bash"]` and `/bin/sh -c apt-get update`, BuildKit `RUN /bin/sh -c apt-get update # buildkit`.
 */
export function readInstruction(text: string): string {
  const plain = text.trim().replace(/\s+# buildkit$/, '');
  const noOperation = /^\/bin\/sh -c #\(nop\)\s+/.exec(plain);
  if (noOperation) return plain.slice(noOperation[0].length);
  const run = /^(?:RUN )?(?:\|\d+ .*?)?\/bin\/sh -c (?=\S)/.exec(plain);
  return run ? `RUN ${plain.slice(run[0].length)}` : plain;
}
