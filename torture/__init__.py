"""The proof that ships: Promint under load and faults, judged by its answers alone.

`plan` draws from a seed what will happen, `ground` starts the processes, `clients` call them and
write everything into the `journal`, the `nemesis` breaks things meanwhile, `final` brings the
system to rest and reads all of it, and the `checker` judges. `python -m torture --help`.
"""
