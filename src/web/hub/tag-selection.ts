/** Which tags of a list are chosen, to do something with all of them. What is chosen stays so under another filter. */
import { useMutation } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { Repository, TagListQuery } from '../../hub-api/types.ts';
import { useHub } from './hub.tsx';
import { maxSelected, namesOf } from './tag-pages.ts';

export function useTagSelection(repository: Repository, query: TagListQuery, count: number) {
  const hub = useHub();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const all = useMutation({
    mutationFn: () => namesOf(hub, repository, query, count),
    onSuccess: (names) => setSelected(new Set(names)),
  });
  // The same function for ever: rows are made anew only for what is new of them.
  const select = useCallback(
    (name: string, isSelected: boolean) =>
      setSelected((before) => {
        const after = new Set(before);
        if (!isSelected) after.delete(name);
        else if (after.size < maxSelected) after.add(name);
        return after;
      }),
    [],
  );
  return {
    selected,
    isSelecting: all.isPending,
    error: all.error,
    selectAll: () => all.mutate(),
    clear: () => setSelected(new Set()),
    /** They are gone. */
    drop: (names: readonly string[]) => setSelected((before) => before.difference(new Set(names))),
    select,
  };
}
