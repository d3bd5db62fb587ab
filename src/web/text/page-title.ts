/** The title of the browser's tab: what the page is about first, then cais. */
import { useEffect } from 'react';

export function usePageTitle(title?: string): void {
  useEffect(() => {
    document.title = title ? `${title} · cais` : 'cais';
  }, [title]);
}
