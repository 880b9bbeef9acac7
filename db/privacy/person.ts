/** A person of a platform, or of one deployment of it, as the statements of this folder name them. */
export interface Person {
  /** Our uuids; a null deployment means all of the platform. */
  platform: string;
  deployment: string | null;
  /** The LTI id of the platform. */
  platformId: string;
  userId: string;
}

/** Bindings: `:platform`, `:deployment`, `:platformId`, `:userId`. */
export type PersonBindings = Person & Record<string, string | number | null>;

export const IN_DEPLOYMENT = (deployment: string): string =>
  `(:deployment::uuid is null or ${deployment} = :deployment::uuid)`;

/** Whether a column of our uuids of courses names one in which the person is looked for. */
export const inScope = (context: string): string =>
  `${context} in (select c.id from contexts c join deployments d on d.id = c.deployment
     where d.platform = :platform::uuid and ${IN_DEPLOYMENT('d.id')})`;
