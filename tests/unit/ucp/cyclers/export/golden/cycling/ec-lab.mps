EC-LAB SETTING FILE

Number of linked techniques : 1

Filename : ec-lab.mps

Ewe ctrl range : min = 0.00 V, max = 5.00 V
Safety Limits :
	Ewe min = 2.40 V
	Ewe max = 4.30 V
	|I| = 6000.0 mA
	for t > 100 ms
	Do not start on E overload
Comments : ec-lab
Battery capacity : 5000.000 mA.h
Cycle Definition : Charge/Discharge alternance

Technique : 1
Modulo Bat
Ns                  0                   1                   2                   3                   4                   5                   6                   
ctrl_type           Rest                CC                  CV                  Rest                CC                  Rest                Loop                
Apply I/C           I                   I                   I                   I                   I                   I                   I                   
current/potential   current             current             current             current             current             current             current             
ctrl1_val           0.000               2.000               4.200               0.000               5.000               0.000               5.000               
ctrl1_val_unit                          A                   V                                       A                                                           
ctrl1_val_vs                            <None>              Ref                                     <None>                                                      
ctrl2_val           0.000               0.000               0.000               0.000               0.000               0.000               0.000               
ctrl2_val_unit                                                                                                                                                  
ctrl2_val_vs                                                                                                                                                    
ctrl3_val           0.000               0.000               0.000               0.000               0.000               0.000               0.000               
ctrl3_val_unit                                                                                                                                                  
ctrl3_val_vs                                                                                                                                                    
N                   0.00                0.00                0.00                0.00                0.00                0.00                0.00                
charge/discharge    Charge              Charge              Charge              Charge              Discharge           Discharge           Discharge           
charge/discharge_1  Charge              Charge              Charge              Charge              Charge              Charge              Charge              
Apply I/C_1         I                   I                   I                   I                   I                   I                   I                   
N1                  0.00                0.00                0.00                0.00                0.00                0.00                0.00                
ctrl4_val           0.000               0.000               0.000               0.000               0.000               0.000               0.000               
ctrl4_val_unit                                                                                                                                                  
ctrl5_val           0.000               0.000               0.000               0.000               0.000               0.000               0.000               
ctrl5_val_unit                                                                                                                                                  
ctrl_tM             0                   0                   0                   0                   0                   0                   0                   
ctrl_seq            0                   0                   0                   0                   0                   0                   1                   
ctrl_repeat         0                   0                   0                   0                   0                   0                   99                  
ctrl_trigger        Falling Edge        Falling Edge        Falling Edge        Falling Edge        Falling Edge        Falling Edge        Falling Edge        
ctrl_TO_t           0.000               0.000               0.000               0.000               0.000               0.000               0.000               
ctrl_TO_t_unit      d                   d                   d                   d                   d                   d                   d                   
ctrl_Nd             6                   6                   6                   6                   6                   6                   6                   
ctrl_Na             2                   2                   2                   2                   2                   2                   2                   
ctrl_corr           0                   0                   0                   0                   0                   0                   0                   
lim_nb              1                   1                   1                   1                   1                   1                   0                   
lim1_type           Time                Ewe                 |I|                 Time                Ewe                 Time                Time                
lim1_comp           >                   >                   <                   >                   <                   >                   <                   
lim1_Q              Q limit             Q limit             I limit             Q limit             Q limit             Q limit             Q limit             
lim1_value          1.000               4.200               0.100               10.000              2.500               10.000              0.000               
lim1_value_unit     mn                  V                   A                   mn                  V                   mn                  s                   
lim1_action         Next sequence       Next sequence       Next sequence       Next sequence       Next sequence       Next sequence       Next sequence       
lim1_seq            1                   2                   3                   4                   5                   6                   7                   
rec_nb              1                   1                   1                   1                   1                   1                   0                   
rec1_type           Time                Time                Time                Time                Time                Time                Time                
rec1_value          1.000               1.000               1.000               1.000               1.000               1.000               0.000               
rec1_value_unit     mn                  mn                  mn                  mn                  mn                  mn                  s                   
E range min (V)     0.000               0.000               0.000               0.000               0.000               0.000               0.000               
E range max (V)     5.000               5.000               5.000               5.000               5.000               5.000               5.000               
I Range             10 A                10 A                10 A                10 A                10 A                10 A                10 A                
I Range min         Unset               Unset               Unset               Unset               Unset               Unset               Unset               
I Range max         Unset               Unset               Unset               Unset               Unset               Unset               Unset               
I Range init        Unset               Unset               Unset               Unset               Unset               Unset               Unset               
auto rest           1                   1                   1                   1                   1                   1                   1                   
Bandwidth           5                   5                   5                   5                   5                   5                   5                   
