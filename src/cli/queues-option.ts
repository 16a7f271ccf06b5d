import { InvalidArgumentError, Option } from 'commander';
import { QUEUES, type QueueName } from '../jobs/queue-names.js';

/** Kinds of jobs, with commas between. */
export function queuesOption(description: string): Option {
  return new Option('--queues <names>', description).argParser(queues);
}

function queues(value: string): QueueName[] {
  const names = value.split(',').map((given) => {
    const name = QUEUES.find((known) => known === given);
    if (name !== undefined) return name;
    throw new InvalidArgumentError(`Allowed are ${QUEUES.join(', ')}, with commas between.`);
  });
  return [...new Set(names)];
}
