#ifndef REDOUBT_CCHAOSSHIMS_H
#define REDOUBT_CCHAOSSHIMS_H

/// Moves the calling thread into the network namespace of this file, such as /run/netns/NAME: sockets that it makes from
/// now on are there. 0, or an error number.
int redoubt_enter_network_namespace(const char *path);

/// As pipe2(2), closed on exec from the first moment: a process that another thread starts meanwhile does not hold it open.
/// 0, or an error number.
int redoubt_private_pipe(int *ends);

#endif
