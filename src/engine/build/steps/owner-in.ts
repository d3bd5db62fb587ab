/** Whose names say: found in the files of layers, once. */
import type { ImageLayer } from '../../images/image.ts';
import type { Owner } from '../files/file-source.ts';
import { isNumericOwner, resolveOwner } from '../files/owner.ts';
import type { Facts } from '../remote-cache/facts.ts';
import type { StepContext } from './step-context.ts';

/** @param name `user`, `user:group`, names or numbers. @throws InvalidError for a name that is not there. */
export async function ownerIn(
  { roots, signal }: StepContext,
  facts: Facts,
  name: string,
  layers: readonly ImageLayer[],
): Promise<Owner> {
  if (isNumericOwner(name)) return resolveOwner(name, undefined);
  const numbers = await facts.of(['owner', layers.at(-1)?.chainId, name], async () => {
    const { uid, gid } = resolveOwner(name, await roots.of(layers, signal));
    return `${uid}:${gid}`;
  });
  return resolveOwner(numbers, undefined);
}
