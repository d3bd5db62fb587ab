/** What a category is called in the reader's language. */
import { useTranslation } from 'react-i18next';
import type { Category } from '../../hub-api/types.ts';

export function useCategoryName(): (category: Category) => string {
  const { t } = useTranslation();
  // A hub may know categories that these pages have no words for yet.
  return ({ slug, name }) => t(`categories.${slug}` as 'categories.security', { defaultValue: name });
}
