#include <stdio.h>
#include "words.h"

int main(int count, char **words) {
  (void)words;
  printf("%d %s\n", count - 1, UNIT);
  return 0;
}
