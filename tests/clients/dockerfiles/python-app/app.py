from greet import hello
print(hello("you"))
