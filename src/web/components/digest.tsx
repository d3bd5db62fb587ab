/** A digest: its algorithm and first twelve digits to read, all of it to copy. */
import { Copy } from './command.tsx';

const digitsShown = 12;

export function DigestText({ digest }: { readonly digest: string }) {
  const start = digest.indexOf(':') + 1;
  return (
    <span className="digest">
      <span className="mono" title={digest}>
        {digest.slice(0, start + digitsShown)}
      </span>
      <Copy text={digest} size="xs" />
    </span>
  );
}
