console.log(require('greet')('you'));
