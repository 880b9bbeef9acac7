/** Where somebody can look at a workflow. */
export interface WorkflowLink {
  workflowId: string;
  /** Null where no UI is configured. */
  url: string | null;
}
