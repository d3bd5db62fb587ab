/** The search field over a list, and which page of the list is shown. */
import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';

const typingPause = 200;

export interface Filtering {
  readonly typed: string;
  /** What is asked for, once the typing has paused. */
  readonly term: string;
  readonly page: number;
  readonly setTyped: (typed: string) => void;
  readonly setPage: (page: number) => void;
}

export function useFiltering(): Filtering {
  const [typed, setTyped] = useState('');
  const [page, setPage] = useState(1);
  const [term] = useDebouncedValue(typed.trim(), typingPause);
  const type = (text: string): void => {
    setTyped(text);
    setPage(1);
  };
  return { typed, term, page, setTyped: type, setPage };
}

interface ListFilterProps {
  readonly label: string;
  readonly filtering: Filtering;
}

export function ListFilter({ label, filtering }: ListFilterProps) {
  return (
    <TextInput
      type="search"
      size="sm"
      flex="1 1 200px"
      maw={320}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={filtering.typed}
      onChange={(event) => filtering.setTyped(event.currentTarget.value)}
    />
  );
}
