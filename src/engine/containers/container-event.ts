/** The attributes that every event of a container carries: image, name and its labels. */
import type { ContainerRecord } from './state.ts';

export function attributesOf(
  record: ContainerRecord,
  more: Record<string, string> = {},
): Record<string, string> {
  return { ...record.config.Labels, image: record.imageName, name: record.name, ...more };
}
