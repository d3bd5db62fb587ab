/** What repositories are about: the list that Docker Hub has. */
import { z } from 'zod';

export const categories = [
  { slug: 'api-management', name: 'API management' },
  { slug: 'content-management-system', name: 'Content management system' },
  { slug: 'data-science', name: 'Data science' },
  { slug: 'databases-and-storage', name: 'Databases & storage' },
  { slug: 'developer-tools', name: 'Developer tools' },
  { slug: 'gaming', name: 'Gaming' },
  { slug: 'integration-and-delivery', name: 'Integration & delivery' },
  { slug: 'internet-of-things', name: 'Internet of things' },
  { slug: 'languages-and-frameworks', name: 'Languages & frameworks' },
  { slug: 'machine-learning-and-ai', name: 'Machine learning & AI' },
  { slug: 'message-queues', name: 'Message queues' },
  { slug: 'monitoring-and-observability', name: 'Monitoring & observability' },
  { slug: 'networking', name: 'Networking' },
  { slug: 'operating-systems', name: 'Operating systems' },
  { slug: 'security', name: 'Security' },
  { slug: 'web-analytics', name: 'Web analytics' },
  { slug: 'web-servers', name: 'Web servers' },
] as const;

const slugs = categories.map(({ slug }) => slug);
const maxCategories = 3;

export const categorySchema = z.object({ name: z.string(), slug: z.string() }).meta({ id: 'Category' });

export const categoryListSchema = z.array(categorySchema).meta({ id: 'CategoryList' });

export const setCategoriesSchema = z
  .array(z.object({ slug: z.enum(slugs, 'one of the slugs of /v2/categories is expected') }))
  .max(maxCategories, `at most ${maxCategories} categories`)
  .meta({ id: 'SetCategoriesRequest', description: 'All that it has from here on.' });
