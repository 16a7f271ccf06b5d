/** The kinds of jobs, each with a queue of its own, as commands and the HTTP API call them. */
export const QUEUES = ['caption', 'train', 'preprocess'] as const;

export type QueueName = (typeof QUEUES)[number];

/** Which queue a job is in, by its id where Legenda gave it: ids of other queues than that of captions begin with the queue's name. */
export function queueOf(id: string): QueueName {
  return QUEUES.find((name) => id.startsWith(`${name}-`)) ?? 'caption';
}
