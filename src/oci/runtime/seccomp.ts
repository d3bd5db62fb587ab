/** Seccomp profiles. */
export interface SeccompProfile {
  readonly defaultAction: string;
}
